//! The control socket: a running crawl answers questions on `control.sock` in its data folder.
//!
//! One JSON object a line in, one a line out: `{"ask":"status"}` → the progress figures.

use crate::stats::Progress;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::OwnedReadHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot};

/// A question's longest line, in bytes.
const LONGEST: u64 = 4_096;
/// A crawl answers within milliseconds; one that has been stopped (Ctrl-Z) never does.
const PATIENCE: Duration = Duration::from_secs(2);

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
    let mut read = BufReader::new(read);
    while let Some(line) = question(&mut read).await {
        let mut reply = reply(&line, &ask).await;
        reply.push('\n');
        if write.write_all(reply.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// The next line. One that is too long, or not text, ends the talk: nobody who asks sends such.
async fn question(read: &mut BufReader<OwnedReadHalf>) -> Option<String> {
    let mut line = String::new();
    let length = read.take(LONGEST).read_line(&mut line).await.ok()?;
    (length > 0 && (length as u64) < LONGEST).then_some(line)
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

/// What a crawl says when it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// How far it is.
    Progress(Progress),
    /// Nothing: it is there, and stopped or stuck.
    Silence,
}

/// Asks the crawl that works on a data folder how far it is; `None` when there is none.
pub async fn ask_status(data: &Path) -> Option<Reply> {
    let socket = data.join("control.sock");
    match tokio::time::timeout(PATIENCE, ask(&socket)).await {
        Ok(progress) => progress,
        Err(_) => Some(Reply::Silence),
    }
}

async fn ask(socket: &Path) -> Option<Reply> {
    let mut stream = match UnixStream::connect(socket).await {
        Ok(stream) => stream,
        // Too many others wait for an answer already.
        Err(why) if why.kind() == ErrorKind::WouldBlock => return Some(Reply::Silence),
        Err(_) => return None,
    };
    stream.write_all(b"{\"ask\":\"status\"}\n").await.ok()?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).await.ok()?;
    serde_json::from_str(&line).ok().map(Reply::Progress)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress() -> Progress {
        Progress {
            pages: 7,
            ..Progress::default()
        }
    }

    async fn answering(mut control: Control) {
        loop {
            control.asked().await.answer(progress());
        }
    }

    #[tokio::test]
    async fn any_number_of_questions_on_one_connection_but_none_too_long() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("control.sock");
        let control = Control::listen(&socket);
        let asking = async {
            let stream = UnixStream::connect(&socket).await.unwrap();
            let (read, mut write) = stream.into_split();
            let mut answers = BufReader::new(read).lines();
            // Far more than one line may have.
            for _ in 0..1_000 {
                write.write_all(b"{\"ask\":\"status\"}\n").await.unwrap();
                let answer = answers.next_line().await.unwrap().unwrap();
                assert_eq!(
                    serde_json::from_str::<Progress>(&answer).unwrap(),
                    progress()
                );
            }
            write.write_all(b"?\n").await.unwrap();
            let answer = answers.next_line().await.unwrap().unwrap();
            assert!(answer.contains("unknown question"), "{answer}");
            write.write_all(&[b'x'; 5_000]).await.unwrap();
            // It hangs up; with unread bytes left, that may be a reset.
            assert!(!matches!(answers.next_line().await, Ok(Some(_))));
            assert_eq!(
                ask_status(folder.path()).await,
                Some(Reply::Progress(progress()))
            );
        };
        tokio::select! {
            () = answering(control) => {}
            () = asking => {}
        }
        // The socket's file went with the crawl.
        assert_eq!(ask_status(folder.path()).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_crawl_that_does_not_answer_is_told_from_none() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("control.sock");
        assert_eq!(ask_status(folder.path()).await, None);
        let listener = UnixListener::bind(&socket).unwrap();
        assert_eq!(ask_status(folder.path()).await, Some(Reply::Silence));
        // A killed crawl leaves the file behind.
        drop(listener);
        assert!(socket.exists());
        assert_eq!(ask_status(folder.path()).await, None);
    }
}
