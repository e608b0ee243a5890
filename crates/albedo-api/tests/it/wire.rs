//! Plain sockets: what a client may send that no HTTP library would, and a way to a service that can be cut.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Longest time that a test waits for bytes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A socket to a server.
pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// Everything that a server answers until it closes the connection.
pub(crate) fn until_closed(mut stream: &TcpStream) -> String {
    let mut answer = Vec::new();
    // A server that closes on a client who still sends may reset the connection; what came before counts.
    if let Err(error) = stream.read_to_end(&mut answer) {
        let answer = String::from_utf8_lossy(&answer);
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "the server keeps the connection open after {answer:?}");
    }
    String::from_utf8(answer).unwrap()
}

/// Sends bytes and reads the answer to its end. They should ask for `Connection: close`.
pub(crate) fn exchange(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = connect(address);
    stream.write_all(request).unwrap();
    until_closed(&stream)
}

/// A `POST` that the server works on, and whose body it waits for: `sent` of `length` bytes.
pub(crate) fn begun(address: SocketAddr, path: &str, length: usize, sent: &str) -> TcpStream {
    let mut stream = connect(address);
    let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n");
    stream.write_all(format!("{head}Expect: 100-continue\r\nContent-Length: {length}\r\n\r\n").as_bytes()).unwrap();
    let mut answer = [0; b"HTTP/1.1 100 Continue\r\n\r\n".len()];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(sent.as_bytes()).unwrap();
    stream
}

/// The status of an answer.
pub(crate) fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default()
}

/// The body of an answer.
pub(crate) fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

/// A TCP proxy on the loopback, for taking a service away and giving it back.
pub(crate) struct Way {
    port: u16,
    to: SocketAddr,
    gate: Option<Gate>,
}

struct Gate {
    passing: Arc<Mutex<Option<Vec<TcpStream>>>>,
    /// Connections made before this one are swallowed: nothing passes, and nobody is told.
    swallowed: Arc<AtomicUsize>,
    accepts: JoinHandle<()>,
}

impl Way {
    /// An open way to a port of the loopback.
    pub(crate) fn to(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let mut way =
            Self { port: listener.local_addr().unwrap().port(), to: ([127, 0, 0, 1], port).into(), gate: None };
        way.let_pass(listener);
        way
    }

    /// Where it begins.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Ends all connections and refuses new ones.
    pub(crate) fn cut(&mut self) {
        let Some(gate) = self.gate.take() else { return };
        for stream in gate.passing.lock().unwrap().take().unwrap_or_default() {
            // The other side may have closed it already.
            let _ = stream.shutdown(Shutdown::Both);
        }
        // Wakes the thread that accepts; it finds the gate closed and drops the listener.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
        gate.accepts.join().unwrap();
    }

    /// Swallows all connections there are, as a firewall does that has forgotten them; new ones pass.
    pub(crate) fn swallow(&self) {
        self.gate.as_ref().unwrap().swallowed.store(usize::MAX, Ordering::SeqCst);
    }

    /// Swallows new connections too, as a network does that drops every packet; until [`Way::swallow`].
    pub(crate) fn swallow_everything(&self) {
        self.gate.as_ref().unwrap().swallowed.store(usize::MAX - 1, Ordering::SeqCst);
    }

    /// Lets connections pass again.
    pub(crate) fn mend(&mut self) {
        self.let_pass(TcpListener::bind(("127.0.0.1", self.port)).unwrap());
    }

    fn let_pass(&mut self, listener: TcpListener) {
        let passing = Arc::new(Mutex::new(Some(Vec::new())));
        let swallowed = Arc::new(AtomicUsize::new(0));
        let (open, to, bound) = (Arc::clone(&passing), self.to, Arc::clone(&swallowed));
        let accepts = thread::spawn(move || {
            for (number, client) in listener.incoming().map_while(Result::ok).enumerate() {
                // "All there are" ends with the first new one.
                let _ = bound.compare_exchange(usize::MAX, number, Ordering::SeqCst, Ordering::SeqCst);
                let service = TcpStream::connect(to);
                let Some(passing) = &mut *open.lock().unwrap() else { return };
                let Ok(service) = service else { continue };
                for (from, into) in [(&client, &service), (&service, &client)] {
                    let (mut from, mut into) = (from.try_clone().unwrap(), into.try_clone().unwrap());
                    passing.push(from.try_clone().unwrap());
                    let bound = Arc::clone(&bound);
                    thread::spawn(move || {
                        pass(&mut from, &mut into, || number < bound.load(Ordering::SeqCst));
                        let _ = into.shutdown(Shutdown::Both);
                    });
                }
            }
        });
        self.gate = Some(Gate { passing, swallowed, accepts });
    }
}

/// Copies until either side ends.
fn pass(from: &mut TcpStream, into: &mut TcpStream, swallowed: impl Fn() -> bool) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        if !swallowed() && into.write_all(&buffer[..read]).is_err() {
            return;
        }
    }
}

impl Drop for Way {
    fn drop(&mut self) {
        self.cut();
    }
}
