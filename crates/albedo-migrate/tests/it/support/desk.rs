//! The command line with pages in place of a terminal.

use std::io::Write;
use std::sync::{Arc, Mutex};

use albedo_migrate::cli::{Project, Terminal, run_with};

#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

pub(crate) struct Said {
    pub(crate) code: u8,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) async fn call(project: Project, arguments: &[&str]) -> Said {
    let (out, err) = (Page::default(), Page::default());
    let mut terminal = Terminal::to(out.clone(), err.clone());
    let code = run_with(project, std::iter::once("db").chain(arguments.iter().copied()), &mut terminal).await;
    let text = |page: &Page| String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
    Said { code, out: text(&out), err: text(&err) }
}
