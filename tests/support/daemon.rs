//! The real binary in a directory of its own, with verbs for what a person does.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use vigie::model::Timestamp;
use vigie::store::sqlite::SqliteStore;
use vigie::store::{SourceStatus, Store};

/// The longest any test waits for an event.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A directory with a configuration, and the program run in it.
pub struct Site {
    pub directory: tempfile::TempDir,
}

impl Site {
    pub fn new(configuration: &str) -> Site {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("vigie.toml"), configuration).unwrap();
        Site { directory }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn state(&self) -> PathBuf {
        self.path("state")
    }

    pub fn configure(&self, configuration: &str) {
        std::fs::write(self.path("vigie.toml"), configuration).unwrap();
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        vigie(self.directory.path()).args(arguments).output().unwrap()
    }

    /// What the store knows of every source.
    pub fn sources(&self) -> Vec<SourceStatus> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let store = SqliteStore::open_reader(&self.state()).unwrap();
        runtime.block_on(store.sources()).unwrap()
    }

    /// Starts the daemon as if it lived at `anchor` now, so many times as fast.
    pub fn start_with_clock(&self, anchor: Timestamp, speed: u32) -> Running {
        let mut running = self.spawn(&["--clock", &format!("{anchor},{speed}")]);
        running.wait_for("READY=1");
        running
    }

    /// Starts the daemon and waits until it says that it is ready, through the socket that systemd
    /// would listen on.
    pub fn start(&self) -> Running {
        let mut running = self.spawn(&[]);
        running.wait_for("READY=1");
        running
    }

    /// Starts the daemon with more arguments and does not wait.
    pub fn spawn(&self, arguments: &[&str]) -> Running {
        let socket = self.path("notify");
        drop(std::fs::remove_file(&socket));
        let told = UnixDatagram::bind(&socket).unwrap();
        told.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        let mut child = vigie(self.directory.path())
            .arg("run")
            .args(arguments)
            .env("NOTIFY_SOCKET", &socket)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = std::sync::mpsc::channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Running { child, told, lines, said: Vec::new() }
    }
}

fn vigie(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vigie"));
    command.current_dir(directory).env_remove("CREDENTIALS_DIRECTORY").env_remove("JOURNAL_STREAM");
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

/// A daemon that runs. It is killed when the test lets go of it.
pub struct Running {
    child: Child,
    told: UnixDatagram,
    lines: std::sync::mpsc::Receiver<String>,
    /// What it wrote to standard error so far.
    pub said: Vec<String>,
}

impl Running {
    /// Waits until systemd would have been told this.
    pub fn wait_for(&mut self, what: &str) {
        let began = Instant::now();
        let mut buffer = [0; 1024];
        while began.elapsed() < PATIENCE {
            if let Ok(n) = self.told.recv(&mut buffer)
                && String::from_utf8_lossy(&buffer[..n]).contains(what)
            {
                return;
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                panic!("the daemon ended with {status}:\n{}", self.log());
            }
        }
        panic!("systemd was never told {what}:\n{}", self.log());
    }

    pub fn log(&mut self) -> String {
        self.said.extend(self.lines.try_iter());
        self.said.join("\n")
    }

    /// Waits for a line of the log.
    pub fn wait_for_line(&mut self, part: &str) -> String {
        let began = Instant::now();
        loop {
            if let Some(line) = self.said.iter().find(|line| line.contains(part)) {
                return line.clone();
            }
            assert!(began.elapsed() < PATIENCE, "never said {part:?}:\n{}", self.said.join("\n"));
            if let Ok(line) = self.lines.recv_timeout(Duration::from_millis(200)) {
                self.said.push(line);
            }
        }
    }

    /// `host:port` of the metrics.
    pub fn address(&mut self) -> String {
        let line = self.wait_for_line("metrics and health on http://");
        line.split("http://").nth(1).unwrap().trim_end_matches('/').to_owned()
    }

    /// Asks once; gives status and body.
    pub fn get(&mut self, path: &str) -> (u16, String) {
        let address = self.address();
        get(&address, path)
    }

    /// The value of a series, 0 when it is not there.
    pub fn metric(&mut self, series: &str) -> f64 {
        let (_, text) = self.get("/metrics");
        let line = text
            .lines()
            .find(|line| line.strip_prefix(series).is_some_and(|rest| rest.starts_with(' ')));
        line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).unwrap_or(0.0)
    }

    /// The sum of all series whose line holds every one of these parts.
    pub fn sum(&mut self, parts: &[&str]) -> f64 {
        let (_, text) = self.get("/metrics");
        let lines = text.lines().filter(|line| parts.iter().all(|part| line.contains(part)));
        lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
    }

    /// Waits until a series has a value that will do.
    pub fn wait_for_metric(&mut self, series: &str, good: impl Fn(f64) -> bool) -> f64 {
        self.wait_until(&format!("{series} to be right"), |running| {
            let value = running.metric(series);
            good(value).then_some(value)
        })
    }

    /// Waits until everything accepted is indexed and sent.
    pub fn wait_until_settled(&mut self) {
        self.wait_until("settled", |running| {
            (running.get("/readyz?settled=1").0 == 200).then_some(())
        });
    }

    /// Looks again until there is something to see: an event, with a limit.
    pub fn wait_until<T>(&mut self, what: &str, look: impl Fn(&mut Running) -> Option<T>) -> T {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if let Some(seen) = look(self) {
                return seen;
            }
            std::thread::park_timeout(Duration::from_millis(50));
        }
        panic!("waited in vain for {what}:\n{}", self.log());
    }

    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status();
        assert!(status.unwrap().success());
    }

    /// kill -9.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for the end; gives the exit code and the log.
    pub fn wait(mut self) -> (Option<i32>, String) {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().unwrap() {
                std::thread::park_timeout(Duration::from_millis(50));
                return (status.code(), self.log());
            }
            std::thread::park_timeout(Duration::from_millis(20));
        }
        panic!("the daemon does not end:\n{}", self.log());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// One GET over HTTP/1.1.
pub fn get(address: &str, path: &str) -> (u16, String) {
    use std::io::{Read, Write};
    let Ok(mut stream) = TcpStream::connect(address) else { return (0, String::new()) };
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    if stream.write_all(request.as_bytes()).is_err() {
        return (0, String::new());
    }
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer));
    let answer = String::from_utf8_lossy(&answer);
    let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default();
    (status, body)
}
