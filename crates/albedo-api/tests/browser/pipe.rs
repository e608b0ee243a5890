//! The DevTools protocol over two pipes: JSON messages with a zero byte after each. It needs no port and no WebSocket,
//! and a browser that loses its pipe ends itself.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// How long the browser may take for one command.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Pipe {
    commands: Box<dyn Write + Send>,
    messages: Receiver<Value>,
    last_id: u64,
    events: VecDeque<Value>,
}

impl Pipe {
    pub(crate) fn new(commands: impl Write + Send + 'static, messages: impl Read + Send + 'static) -> Self {
        let (sender, receiver) = channel();
        thread::spawn(move || {
            let messages = BufReader::new(messages).split(0);
            for message in messages.map_while(Result::ok) {
                let message = serde_json::from_slice(&message).expect("the browser speaks JSON");
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        Self { commands: Box::new(commands), messages: receiver, last_id: 0, events: VecDeque::new() }
    }

    /// The result of a command, for one page or for the browser itself.
    pub(crate) fn call(&mut self, session: Option<&str>, method: &str, parameters: &Value) -> Value {
        self.last_id += 1;
        let mut command = json!({"id": self.last_id, "method": method, "params": parameters});
        if let Some(session) = session {
            command["sessionId"] = session.into();
        }
        let mut bytes = serde_json::to_vec(&command).unwrap();
        bytes.push(0);
        self.commands.write_all(&bytes).expect("the browser lives");
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let message = self.messages.recv_timeout(left).unwrap_or_else(|error| panic!("{method}: {error}"));
            if message["id"] == self.last_id {
                assert!(message.get("error").is_none(), "{method}: {message}");
                return message["result"].clone();
            }
            self.events.push_back(message);
        }
    }

    /// What the browser told without being asked, since the last time and until now.
    pub(crate) fn events(&mut self) -> impl Iterator<Item = Value> + '_ {
        self.events.extend(self.messages.try_iter());
        self.events.drain(..)
    }
}
