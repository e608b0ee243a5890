//! One page: what a person does on it, and everything that went wrong meanwhile.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::pipe::Pipe;

/// How long something may take to appear.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Page {
    pipe: Pipe,
    session: String,
    origin: String,
    complaints: Vec<String>,
    // Ends after the pipe, which tells it to.
    _browser: Browser,
}

impl Page {
    pub(crate) fn open(browser: Browser, pipe: Pipe, session: String, url: &str) -> Self {
        let origin = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        let mut page = Self { pipe, session, origin, complaints: Vec::new(), _browser: browser };
        for domain in ["Page", "Runtime", "Network", "Log"] {
            page.call(&format!("{domain}.enable"), &json!({}));
        }
        page.call("Page.navigate", &json!({"url": url}));
        page.wait_for("document.readyState === 'complete'");
        page
    }

    /// The value of an expression, awaited if it is a promise.
    pub(crate) fn evaluate(&mut self, expression: &str) -> Value {
        let parameters = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let result = self.call("Runtime.evaluate", &parameters);
        assert!(result.get("exceptionDetails").is_none(), "{expression}: {result}");
        result["result"]["value"].clone()
    }

    /// Waits until an expression is truthy.
    pub(crate) fn wait_for(&mut self, expression: &str) {
        let deadline = Instant::now() + PATIENCE;
        let truthy = format!("Boolean({expression})");
        while self.evaluate(&truthy) != true {
            if Instant::now() > deadline {
                let text = self.evaluate("document.body.innerText.slice(0, 3000)");
                panic!("{expression} does not come true; {:?}\n{text}", self.complaints());
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until one of the elements that the selector finds has this text in it.
    pub(crate) fn wait_for_text(&mut self, selector: &str, text: &str) {
        let (selector, text) = (json!(selector), json!(text));
        self.wait_for(&format!(
            "[...document.querySelectorAll({selector})].some(element => element.textContent.includes({text}))"
        ));
    }

    /// Clicks what the selector finds, once it is there.
    pub(crate) fn click(&mut self, selector: &str) {
        let element = format!("document.querySelector({})", json!(selector));
        self.wait_for(&element);
        self.evaluate(&format!("{element}.click()"));
    }

    /// Types into what the selector finds, as a keyboard would.
    pub(crate) fn type_into(&mut self, selector: &str, text: &str) {
        let element = format!("document.querySelector({})", json!(selector));
        self.wait_for(&element);
        self.evaluate(&format!("{element}.focus()"));
        self.call("Input.insertText", &json!({"text": text}));
    }

    /// Nothing has failed, been blocked or been complained about, and nothing does for that long.
    pub(crate) fn is_at_peace(&mut self, longer: Duration) {
        thread::sleep(longer);
        let complaints = self.complaints();
        assert!(complaints.is_empty(), "{complaints:#?}");
    }

    fn complaints(&mut self) -> Vec<String> {
        self.evaluate("0");
        self.complaints.extend(self.pipe.events().filter_map(|event| complaint(&event, &self.origin)));
        self.complaints.clone()
    }

    fn call(&mut self, method: &str, parameters: &Value) -> Value {
        self.pipe.call(Some(&self.session), method, parameters)
    }
}

/// What is wrong about an event, if anything.
fn complaint(event: &Value, origin: &str) -> Option<String> {
    let parameters = &event["params"];
    let wrong = match event["method"].as_str()? {
        "Runtime.exceptionThrown" => true,
        "Runtime.consoleAPICalled" => parameters["type"] == "error" || parameters["type"] == "assert",
        "Log.entryAdded" => parameters["entry"]["level"] == "error",
        "Network.loadingFailed" => true,
        "Network.responseReceived" => parameters["response"]["status"].as_u64() >= Some(400),
        "Network.requestWillBeSent" => {
            let url = parameters["request"]["url"].as_str().unwrap_or_default();
            ![origin, "data:", "blob:"].iter().any(|own| url.starts_with(own))
        }
        _ => false,
    };
    wrong.then(|| event.to_string())
}
