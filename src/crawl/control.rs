//! The control socket: a running crawl answers questions on `control.sock` in its data folder.
//!
//! One JSON object a line in, one a line out: `{"ask":"status"}` → the progress figures.

use crate::stats::Progress;
use std::path::{Path, PathBuf};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot};

/// A question's longest line, in bytes.
const LONGEST: u64 = 4_096;

/// What can be asked.
#[derive(serde::Deserialize, serde::Serialize, Clone, Debug, PartialEq, Eq)]
#[serde(tag = "ask", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Ask {
    /// How far the crawl is.
    Status,
}

/// A question that waits for the engine.
pub(crate) struct Question {
    answer: oneshot::Sender<Progress>,
}

impl Question {
    pub(crate) fn answer(self, progress: Progress) {
        // Who asked may have hung up; that is theirs to do.
        let _ = self.answer.send(progress);
    }
}

/// The listening end; the socket's file goes when it is dropped.
pub(crate) struct Control {
    questions: mpsc::Receiver<Question>,
    path: PathBuf,
}

impl Control {
    /// Listens on `path`; a socket that a dead process left is replaced. A crawl that can't be
    /// asked (a path too long for a socket, say) still crawls.
    pub(crate) fn listen(path: &Path) -> Self {
        let (ask, questions) = mpsc::channel(8);
        // The lock is ours, so whoever made a socket here is gone.
        let _ = std::fs::remove_file(path);
        match UnixListener::bind(path) {
            Ok(listener) => {
                tokio::spawn(accept(listener, ask));
            }
            Err(why) => {
                tracing::warn!(path = %path.display(), %why, "this crawl can't be asked for its status");
            }
        }
        Self {
            questions,
            path: path.to_owned(),
        }
    }

    /// The next question; for ever when none comes.
    pub(crate) async fn asked(&mut self) -> Question {
        match self.questions.recv().await {
            Some(question) => question,
            None => std::future::pending().await,
        }
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        // A file that stays behind is replaced by the next crawl.
        let _ = std::fs::remove_file(&self.path);
    }
}

async fn accept(listener: UnixListener, ask: mpsc::Sender<Question>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, ask.clone()));
    }
}

async fn serve(stream: UnixStream, ask: mpsc::Sender<Question>) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read.take(LONGEST)).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let mut reply = reply(&line, &ask).await;
        reply.push('\n');
        if write.write_all(reply.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn reply(line: &str, ask: &mpsc::Sender<Question>) -> String {
    let Ok(Ask::Status) = serde_json::from_str(line) else {
        return r#"{"error":"unknown question; ask {\"ask\":\"status\"}"}"#.to_owned();
    };
    let (answer, answered) = oneshot::channel();
    if ask.send(Question { answer }).await.is_err() {
        return r#"{"error":"the crawl is ending"}"#.to_owned();
    }
    let progress = answered
        .await
        .ok()
        .and_then(|progress| serde_json::to_string(&progress).ok());
    progress.unwrap_or_else(|| r#"{"error":"the crawl is ending"}"#.to_owned())
}

/// Asks the crawl that works on a data folder how far it is; `None` when none answers.
pub async fn ask_status(data: &Path) -> Option<Progress> {
    let mut stream = UnixStream::connect(data.join("control.sock")).await.ok()?;
    stream.write_all(b"{\"ask\":\"status\"}\n").await.ok()?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).await.ok()?;
    serde_json::from_str(&line).ok()
}
