//! A user of the program, in a folder of their own.
//!
//! ```ignore
//! let user = User::quick().file("seeds.txt", &site.url("/"));
//! user.runs("crawl seeds.txt").await.exits(0).says("finished");
//! assert_eq!(user.stories(&site).await, ["/a", "/b"]);
//! ```

use super::site::Running;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// No test runs the program for so long: what does has hung, and would hold up all the others.
const HUNG: Duration = Duration::from_mins(3);

/// A folder, and the `GLEANER_…` variables that are set there; none comes from outside.
pub(crate) struct User {
    folder: TempDir,
    variables: BTreeMap<&'static str, String>,
}

/// The program at work; it is killed when this is dropped.
pub(crate) struct Started(Option<Child>);

/// How the program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// What it was called with.
    pub(crate) typed: String,
    /// Its exit code; `None` when a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl User {
    /// Nothing is set: the program's own defaults.
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            variables: BTreeMap::new(),
        }
    }

    /// Loopback may be asked, no gaps are kept but those that a site asks for, and it is not asked
    /// what it reserves.
    pub(crate) fn quick() -> Self {
        Self::new()
            .set("GLEANER_ALLOW_PRIVATE", "true")
            .set("GLEANER_MIN_DELAY", "0s")
            .set("GLEANER_DELAY_FACTOR", "0")
            .set("GLEANER_RIGHTS_TDMREP", "false")
            .set("GLEANER_POLITENESS_PAGE_RETRY", "10ms")
            .set("GLEANER_POLITENESS_ROBOTS_RETRY", "10ms")
    }

    /// Sets a variable.
    pub(crate) fn set(mut self, variable: &'static str, value: &str) -> Self {
        self.variables.insert(variable, value.to_owned());
        self
    }

    /// Writes a file.
    pub(crate) fn file(self, name: &str, contents: impl AsRef<[u8]>) -> Self {
        std::fs::write(self.path(name), contents).unwrap();
        self
    }

    /// The path of something in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A file's bytes.
    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// The names in the folder, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// A command to be run here, both outputs caught.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let ours = |name: &std::ffi::OsStr| !name.to_string_lossy().starts_with("GLEANER_");
        let inherited = std::env::vars_os().filter(|(name, _)| ours(name));
        command.env_clear().envs(inherited).envs(&self.variables);
        command.current_dir(self.folder.path());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Starts `gleaner` with these words, parted by spaces.
    pub(crate) fn starts(&self, words: &str) -> Started {
        let mut command = self.command(env!("CARGO_BIN_EXE_gleaner"));
        Started::spawn(command.args(words.split_whitespace()))
    }

    /// Runs `gleaner` with these words to its end.
    pub(crate) async fn runs(&self, words: &str) -> Ended {
        let mut ended = self.starts(words).ends().await;
        words.clone_into(&mut ended.typed);
        ended
    }

    /// Has a shell run a line in which `gleaner` is the one under test.
    pub(crate) async fn types(&self, line: &str) -> Ended {
        let program = PathBuf::from(env!("CARGO_BIN_EXE_gleaner"));
        let mut folders = vec![program.parent().unwrap().to_owned()];
        folders.extend(std::env::split_paths(
            &std::env::var_os("PATH").unwrap_or_default(),
        ));
        let mut command = self.command("sh");
        command.env("PATH", std::env::join_paths(folders).unwrap());
        let mut ended = Started::spawn(command.args(["-c", line])).ends().await;
        line.clone_into(&mut ended.typed);
        ended
    }

    /// All that is exported, as records.
    pub(crate) async fn articles(&self) -> Vec<Value> {
        self.runs("export").await.exits(0).records()
    }

    /// The paths of the exported stories of a site, sorted, each as often as it is exported.
    pub(crate) async fn stories(&self, site: &Running) -> Vec<String> {
        let articles = self.articles().await;
        let urls = articles
            .iter()
            .map(|article| article["url"].as_str().unwrap());
        let base = site.url("");
        let mut paths: Vec<String> = urls
            .filter_map(|url| url.strip_prefix(&base))
            .map(str::to_owned)
            .collect();
        paths.sort();
        paths
    }
}

impl Started {
    #[track_caller]
    fn spawn(command: &mut Command) -> Self {
        Self(Some(command.stdin(Stdio::null()).spawn().unwrap()))
    }

    /// The process's number.
    pub(crate) fn id(&self) -> u32 {
        self.0.as_ref().unwrap().id()
    }

    /// The next line that it writes for a program.
    pub(crate) fn line(&mut self) -> String {
        let stdout = self.0.as_mut().unwrap().stdout.as_mut().unwrap();
        let mut line = Vec::new();
        let mut byte = [0];
        // Byte by byte, so that what follows stays in the pipe for `ends`.
        while stdout.read(&mut byte).unwrap() == 1 && byte[0] != b'\n' {
            line.push(byte[0]);
        }
        String::from_utf8(line).unwrap()
    }

    /// What Ctrl-C does.
    pub(crate) fn interrupt(&self) {
        self.signal("INT");
    }

    /// Sends it a signal, by its name.
    pub(crate) fn signal(&self, name: &str) {
        let (name, id) = (format!("-{name}"), self.id().to_string());
        let sent = Command::new("kill").args([name, id]).status().unwrap();
        assert!(sent.success());
    }

    /// Kills it as a power cut does.
    pub(crate) fn kill(mut self) {
        self.end();
    }

    /// Waits for its end. A test that fails meanwhile drops this, and the program with it.
    pub(crate) async fn ends(mut self) -> Ended {
        let child = self.0.as_mut().unwrap();
        let stdout = read_aside(child.stdout.take().unwrap());
        let stderr = read_aside(child.stderr.take().unwrap());
        let until = Instant::now() + HUNG;
        let status = loop {
            match child.try_wait().unwrap() {
                Some(status) => break status,
                None if Instant::now() > until => panic!("it has not ended in {HUNG:?}"),
                None => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        };
        Ended {
            typed: String::new(),
            code: status.code(),
            stdout: stdout.join().unwrap(),
            stderr: String::from_utf8(stderr.join().unwrap()).unwrap(),
        }
    }

    fn end(&mut self) {
        if let Some(mut child) = self.0.take() {
            // It may have ended by itself.
            let _ = child.kill();
            child.wait().unwrap();
        }
    }
}

/// Reads an output to its end, so that the program never waits for us.
fn read_aside(mut output: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        output.read_to_end(&mut bytes).unwrap();
        bytes
    })
}

impl Drop for Started {
    fn drop(&mut self) {
        self.end();
    }
}

impl Ended {
    /// It ended with this code.
    #[track_caller]
    pub(crate) fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "`{}`: {}", self.typed, self.stderr);
        self
    }

    /// This stands in what it wrote for a person.
    #[track_caller]
    pub(crate) fn says(&self, text: &str) -> &Self {
        let (typed, stderr) = (&self.typed, &self.stderr);
        assert!(stderr.contains(text), "`{typed}`: no `{text}` in: {stderr}");
        self
    }

    /// Its data is JSON Lines: these records.
    #[track_caller]
    pub(crate) fn records(&self) -> Vec<Value> {
        let text = std::str::from_utf8(&self.stdout).unwrap();
        let record = |line| serde_json::from_str(line).unwrap();
        text.lines().map(record).collect()
    }
}
