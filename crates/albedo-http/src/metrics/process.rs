//! What the process uses, by the names that Prometheus gives them everywhere. Linux tells it in `/proc`; elsewhere there is
//! nothing to tell.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use prometheus::{Error, Gauge, IntGauge, Registry};
use rustix::param::{clock_ticks_per_second, page_size};

/// Memory, files, threads and time of this process.
pub(super) struct ProcessFigures {
    memory: IntGauge,
    files: IntGauge,
    threads: IntGauge,
    cpu: Gauge,
}

impl ProcessFigures {
    pub(super) fn register(registry: &Registry) -> Result<Self, Error> {
        let figures = Self {
            memory: IntGauge::new("process_resident_memory_bytes", "Memory that the process holds.")?,
            files: IntGauge::new("process_open_fds", "Open files and sockets.")?,
            threads: IntGauge::new("process_threads", "Threads.")?,
            cpu: Gauge::new("process_cpu_seconds_total", "Processor time spent.")?,
        };
        let start = Gauge::new("process_start_time_seconds", "When the process started, in seconds since 1970.")?;
        start.set(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64());
        registry.register(Box::new(start))?;
        for gauge in [&figures.memory, &figures.files, &figures.threads] {
            registry.register(Box::new(gauge.clone()))?;
        }
        registry.register(Box::new(figures.cpu.clone()))?;
        Ok(figures)
    }

    pub(super) fn update(&self) {
        let Some(stat) = fs::read_to_string("/proc/self/stat").ok().and_then(|text| Stat::read(&text)) else { return };
        self.memory.set(stat.pages * i64::try_from(page_size()).unwrap_or(4096));
        self.threads.set(stat.threads);
        self.cpu.set(stat.ticks / clock_ticks_per_second() as f64);
        if let Ok(files) = fs::read_dir("/proc/self/fd") {
            // One of them is the one we look through.
            self.files.set(i64::try_from(files.count()).unwrap_or(i64::MAX) - 1);
        }
    }
}

/// Of the line that `proc_pid_stat(5)` describes, what is told here.
#[derive(Debug, PartialEq)]
struct Stat {
    ticks: f64,
    threads: i64,
    pages: i64,
}

impl Stat {
    /// The program's name comes second, in parentheses, and may hold spaces and more parentheses.
    fn read(text: &str) -> Option<Self> {
        let (_, after_name) = text.rsplit_once(')')?;
        let fields: Vec<&str> = after_name.split_whitespace().collect();
        // Counted from the third field, the state.
        let field = |number: usize| fields.get(number - 3);
        let ticks = |number| field(number)?.parse::<f64>().ok();
        Some(Self {
            ticks: ticks(14)? + ticks(15)?,
            threads: field(20)?.parse().ok()?,
            pages: field(24)?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_spaces_and_parentheses_shifts_no_field() {
        let line = "42 (a (b) c) S 1 42 42 0 -1 4194304 900 0 0 0 150 50 0 0 20 0 7 0 12345 1000000 2048 184 1 1";
        assert_eq!(Stat::read(line), Some(Stat { ticks: 200.0, threads: 7, pages: 2048 }));
        assert_eq!(Stat::read("nothing"), None);
    }
}
