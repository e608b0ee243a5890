//! Ten thousand revisions: how long the graph takes. `cargo run --release -p albedo-migrate --example ten_thousand`

use std::io::Write;
use std::time::Instant;

use albedo_migrate::revision::{Graph, NodeSet, Range, Revision, Target};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let id = |number: usize| format!("{:012x}", number.wrapping_mul(0x9e37_79b9_7f4a) & 0xffff_ffff_ffff);
    // A line with a branch of three revisions at every tenth, merged again, and a dependency here and there.
    let mut revisions: Vec<Revision> = Vec::with_capacity(10_000);
    for number in 0..10_000_usize {
        let parents = match number % 10 {
            _ if number == 0 => vec![],
            4 => vec![id(number - 4)],
            7 => vec![id(number - 1), id(number - 4)],
            _ => vec![id(number - 1)],
        };
        let depends_on = if number > 100 && number % 50 == 0 { vec![id(number - 97)] } else { vec![] };
        let stem = format!("{number:05}_{}", id(number));
        revisions.push(Revision {
            id: id(number),
            stem,
            message: format!("revision {number}"),
            parents,
            depends_on,
            labels: vec![],
            ..Revision::default()
        });
    }
    let mut out = std::io::stdout();
    let begun = Instant::now();
    let graph = Graph::new(revisions)?;
    writeln!(out, "build    {:>8.2} ms", begun.elapsed().as_secs_f64() * 1e3)?;
    let begun = Instant::now();
    let heads = graph.heads();
    writeln!(out, "heads    {:>8.2} ms  ({})", begun.elapsed().as_secs_f64() * 1e3, heads.len())?;
    let begun = Instant::now();
    let all = graph.between(&Range { from: None, to: None }, &NodeSet::new())?;
    writeln!(out, "history  {:>8.2} ms  ({})", begun.elapsed().as_secs_f64() * 1e3, all.len())?;
    let begun = Instant::now();
    let plan = graph.upgrade(&NodeSet::new(), &Target { nodes: heads, branch: None })?;
    writeln!(out, "plan     {:>8.2} ms  ({})", begun.elapsed().as_secs_f64() * 1e3, plan.len())?;
    let begun = Instant::now();
    let down = graph.downgrade(&graph.nodes().collect(), &Target::default())?;
    writeln!(out, "down     {:>8.2} ms  ({})", begun.elapsed().as_secs_f64() * 1e3, down.len())?;
    Ok(())
}
