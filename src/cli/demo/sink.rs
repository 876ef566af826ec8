//! The local mail server of the demo: takes every message and keeps it as an `.eml` file.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Longest message taken: ours stay below 100 kB.
const LARGEST: usize = 1 << 20;

/// Starts the server; gives its address and the files as they arrive.
pub(super) async fn serve(
    directory: &Path,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> std::io::Result<(std::net::SocketAddr, mpsc::Receiver<PathBuf>)> {
    std::fs::create_dir_all(directory)?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (arrived, arrivals) = mpsc::channel(64);
    let count = Arc::new(AtomicUsize::new(0));
    let (directory, stop, inner) = (directory.to_owned(), stop.clone(), tasks.clone());
    tasks.spawn(async move {
        loop {
            let stream = tokio::select! {
                accepted = listener.accept() => accepted.map(|(stream, _)| stream),
                () = stop.cancelled() => return,
            };
            let Ok(stream) = stream else { continue };
            let (directory, arrived, count) = (directory.clone(), arrived.clone(), count.clone());
            inner.spawn(async move {
                let talk = session(stream, &directory, &arrived, &count);
                drop(tokio::time::timeout(Duration::from_secs(30), talk).await);
            });
        }
    });
    Ok((address, arrivals))
}

/// One SMTP session (RFC 5321), as much of it as a client of ours needs.
async fn session(
    stream: TcpStream,
    directory: &Path,
    arrived: &mpsc::Sender<PathBuf>,
    count: &AtomicUsize,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 demo.example ESMTP\r\n").await?;
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.split_ascii_whitespace().next().unwrap_or_default().to_ascii_uppercase();
        let reply: &[u8] = match verb.as_str() {
            "EHLO" => b"250-demo.example\r\n250-8BITMIME\r\n250 SIZE 1048576\r\n",
            "QUIT" => {
                stream.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let message = body(&mut stream).await?;
                let n = count.fetch_add(1, Ordering::Relaxed) + 1;
                let path = directory.join(format!("{n:02}.eml"));
                std::fs::write(&path, message)?;
                drop(arrived.try_send(path));
                b"250 kept\r\n"
            }
            _ => b"250 ok\r\n",
        };
        stream.write_all(reply).await?;
    }
}

/// A message up to the lone dot, without the dots that were stuffed (RFC 5321 §4.5.2).
async fn body(stream: &mut BufReader<TcpStream>) -> std::io::Result<Vec<u8>> {
    let mut message = Vec::new();
    let mut line = Vec::new();
    loop {
        line.clear();
        if stream.read_until(b'\n', &mut line).await? == 0 || message.len() > LARGEST {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        match line.as_slice() {
            b".\r\n" => return Ok(message),
            [b'.', rest @ ..] => message.extend_from_slice(rest),
            whole => message.extend_from_slice(whole),
        }
    }
}
