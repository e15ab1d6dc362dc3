//! A real Chromium without a screen, driven as the W3C's WebDriver says, over chromedriver.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

/// A browser, which ends when this is dropped.
pub(crate) struct Chromium {
    driver: Child,
    port: u16,
    session: String,
    profile: PathBuf,
}

/// How a page is looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) dark: bool,
}

pub(crate) const TAB: &str = "\u{E004}";
pub(crate) const ENTER: &str = "\u{E007}";
pub(crate) const SPACE: &str = " ";

impl Chromium {
    /// A browser that runs scripts, or none. Nothing, if there is no Chromium here: then a test
    /// says that it is skipped, which a gate must not have.
    pub(crate) fn start(scripts: bool) -> Option<Self> {
        let driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut driver) = driver else {
            assert!(std::env::var_os("CI").is_none(), "the gate needs Chromium");
            let test = std::thread::current();
            let test = test.name().unwrap_or_default();
            let line = format!("\nSKIPPED {test}: chromedriver is not installed\n");
            std::io::stderr().write_all(line.as_bytes()).unwrap();
            return None;
        };
        let said = BufReader::new(driver.stdout.take().unwrap());
        let port = said.lines().map_while(Result::ok).find_map(|line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse().ok()
        });
        let name = format!("wafflehaus-chromium-{}", uuid::Uuid::new_v4());
        let mut this = Self {
            driver,
            port: port.unwrap(),
            session: String::new(),
            profile: std::env::temp_dir().join(name),
        };
        let profile = format!("--user-data-dir={}", this.profile.display());
        let javascript = if scripts { 1 } else { 2 };
        let options = json!({
            "args": [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--disable-dev-shm-usage", "--lang=en", profile,
            ],
            "prefs": { "profile.managed_default_content_settings.javascript": javascript },
        });
        let wanted =
            json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": options } } });
        let made = this.call("POST", "/session", &wanted);
        made["sessionId"]
            .as_str()
            .unwrap()
            .clone_into(&mut this.session);
        Some(this)
    }

    pub(crate) fn go(&self, url: &str) {
        self.post("/url", &json!({ "url": url }));
    }

    pub(crate) fn url(&self) -> String {
        text(&self.get("/url"))
    }

    pub(crate) fn title(&self) -> String {
        text(&self.get("/title"))
    }

    /// The first element that this selects.
    pub(crate) fn find(&self, css: &str) -> String {
        let found = json!({ "using": "css selector", "value": css });
        id(&self.post("/element", &found))
    }

    pub(crate) fn has(&self, css: &str) -> bool {
        let found = json!({ "using": "css selector", "value": css });
        let found = self.post("/elements", &found);
        found.as_array().is_some_and(|it| !it.is_empty())
    }

    pub(crate) fn text(&self, css: &str) -> String {
        let element = self.find(css);
        text(&self.get(&format!("/element/{element}/text")))
    }

    pub(crate) fn click(&self, css: &str) {
        let element = self.find(css);
        self.post(&format!("/element/{element}/click"), &json!({}));
    }

    /// Types where the focus is.
    pub(crate) fn keys(&self, keys: &str) {
        let element = id(&self.get("/element/active"));
        let value = json!({ "text": keys });
        self.post(&format!("/element/{element}/value"), &value);
    }

    /// What has the focus: its id, or its name, or its text.
    pub(crate) fn focus(&self) -> String {
        let element = id(&self.get("/element/active"));
        let attribute = |it: &str| {
            let value = self.get(&format!("/element/{element}/attribute/{it}"));
            value
                .as_str()
                .filter(|it| !it.is_empty())
                .map(str::to_owned)
        };
        let own_text = || text(&self.get(&format!("/element/{element}/text")));
        attribute("id")
            .or_else(|| attribute("name"))
            .unwrap_or_else(own_text)
    }

    /// Presses Tab until this has the focus.
    pub(crate) fn tab_to(&self, name: &str) {
        let mut passed = Vec::new();
        while passed.len() < 40 {
            self.keys(TAB);
            let at = self.focus();
            if at == name {
                return;
            }
            passed.push(at);
        }
        panic!("`{name}` is not reached by keyboard, but {passed:?}");
    }

    /// The role and the name of all that somebody who does not see the page is told of.
    pub(crate) fn told(&self) -> Vec<(String, String)> {
        let tree = self.cdp("Accessibility.getFullAXTree", &json!({}));
        let nodes = tree["nodes"].as_array().unwrap().iter();
        let shown = nodes.filter(|it| it["ignored"] == false);
        let told = shown.map(|it| (text(&it["role"]["value"]), text(&it["name"]["value"])));
        told.collect()
    }

    pub(crate) fn look(&self, look: Look) {
        let metrics = json!({
            "width": look.width, "height": look.height, "deviceScaleFactor": 1,
            "mobile": look.width < 600,
        });
        self.cdp("Emulation.setDeviceMetricsOverride", &metrics);
        let scheme = if look.dark { "dark" } else { "light" };
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.cdp(
            "Emulation.setEmulatedMedia",
            &json!({ "features": features }),
        );
    }

    /// Writes what is to be seen into the target folder.
    pub(crate) fn picture(&self, name: &str) {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
        fs::create_dir_all(&folder).unwrap();
        let taken = self.cdp(
            "Page.captureScreenshot",
            &json!({ "captureBeyondViewport": true }),
        );
        let bytes = BASE64_STANDARD.decode(text(&taken["data"])).unwrap();
        fs::write(folder.join(format!("{name}.png")), bytes).unwrap();
    }

    /// How wide the page is, and how wide the window.
    pub(crate) fn widths(&self) -> (f64, f64) {
        let metrics = self.cdp("Page.getLayoutMetrics", &json!({}));
        let width = |it: &str| metrics[it]["width"].as_f64();
        let window = metrics["cssLayoutViewport"]["clientWidth"].as_f64();
        (width("cssContentSize").unwrap(), window.unwrap())
    }

    pub(crate) fn cdp(&self, command: &str, params: &Value) -> Value {
        let body = json!({ "cmd": command, "params": params });
        self.post("/goog/cdp/execute", &body)
    }

    /// Waits until the page has something that this selects.
    pub(crate) fn wait_for(&self, css: &str) {
        self.until(css, || self.has(css));
    }

    /// Waits until the browser has gone to this path, or another of them.
    pub(crate) fn wait_to(&self, paths: &[&str]) {
        let there = |url: &str| paths.iter().any(|it| url.ends_with(it));
        self.until(&paths.join(" or "), || there(&self.url()));
    }

    fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let late = Instant::now() + Duration::from_secs(60);
        while !holds() {
            let shown = || (self.url(), self.text("main"));
            assert!(Instant::now() < late, "no {what}: {:?}", shown());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn get(&self, path: &str) -> Value {
        let path = format!("/session/{}{path}", self.session);
        self.call("GET", &path, &Value::Null)
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let path = format!("/session/{}{path}", self.session);
        self.call("POST", &path, body)
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.send(method, path, body).unwrap();
        let value: Value = serde_json::from_str(&answer).unwrap();
        let value = value["value"].clone();
        assert!(value["error"].is_null(), "{method} {path}: {value}");
        value
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(90)))?;
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        )?;
        let mut answer = BufReader::new(stream);
        let (mut line, mut length) = (String::new(), 0);
        while answer.read_line(&mut line)? > 2 {
            let header = line.to_ascii_lowercase();
            if let Some(given) = header.strip_prefix("content-length:") {
                length = given.trim().parse().unwrap();
            }
            line.clear();
        }
        let mut body = vec![0; length];
        answer.read_exact(&mut body)?;
        Ok(String::from_utf8(body).unwrap())
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // Ends the browser itself; then its driver, and what it has written.
        let session = format!("/session/{}", self.session);
        self.send("DELETE", &session, &Value::Null).ok();
        self.driver.kill().ok();
        self.driver.wait().ok();
        fs::remove_dir_all(&self.profile).ok();
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn id(element: &Value) -> String {
    let names = element.as_object().unwrap();
    text(names.values().next().unwrap())
}
