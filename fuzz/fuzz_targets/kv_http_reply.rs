//! Reads responses of key-value services: no session of another id or user is returned, no rejected write is reported
//! as done, and no error quotes a response.
#![no_main]

use std::{
    collections::VecDeque,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{LazyLock, Mutex},
    thread,
};

use adapter_kv_http::{
    CloudflareConfig, CloudflareStore, HttpConfig, KvSessionAdapter, UnstorageConfig, UnstorageStore,
};
use adapter_redis::{RedisSessionAdapter, UpstashConnection};
use libfuzzer_sys::fuzz_target;
use lucia_core::{SessionAdapter, SessionSchema, SessionUpdate, UnixMillis};
use tokio::runtime::Runtime;

/// The next responses, to any request.
static ANSWERS: Mutex<VecDeque<Answer>> = Mutex::new(VecDeque::new());

static SERVICE: LazyLock<(Runtime, [Box<dyn SessionAdapter>; 3])> = LazyLock::new(|| {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("its own"));
    thread::spawn(move || listener.incoming().flatten().for_each(|client| drop(thread::spawn(|| serve(client)))));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let http = || HttpConfig::new().max_attempts(1);
    let config = UnstorageConfig::new().http(http());
    let unstorage = KvSessionAdapter::new(UnstorageStore::with_config(&url, config).expect("a url"));
    let config = CloudflareConfig::new().base_url(&url).http(http());
    let cloudflare = KvSessionAdapter::new(CloudflareStore::with_config("a", "n", "t", config).expect("a url"));
    // An empty database: what `HELLO` and `SCAN` answer.
    for body in [r#"{"result":["dmVyc2lvbg==","Ny4wLjA=","bW9kZQ==","c3RhbmRhbG9uZQ=="]}"#, r#"{"result":["MA==",[]]}"#]
    {
        let answer = Answer { status: 200, header: Vec::new(), body: body.into() };
        ANSWERS.lock().expect("nobody panics with it").push_back(answer);
    }
    let connection = UpstashConnection::with_config(&url, "t", http()).expect("a url");
    let upstash = runtime.block_on(RedisSessionAdapter::new(connection)).expect("it says the right things");
    (runtime, [Box::new(unstorage), Box::new(cloudflare), Box::new(upstash)])
});

struct Answer {
    status: u16,
    header: Vec<u8>,
    body: Vec<u8>,
}

// A digit for the service and one for the operation, then responses separated by unit separators: a digit for the
// status, a header up to the end of the line, and the body.
fuzz_target!(|input: &[u8]| {
    let [service, operation, answers @ ..] = input else {
        return;
    };
    let answers: VecDeque<_> = answers.split(|byte| *byte == 0x1f).map(Answer::read).collect();
    let refuses_all = answers.iter().all(|answer| answer.status >= 400 && answer.status != 404);
    let (runtime, services) = &*SERVICE;
    *ANSWERS.lock().expect("nobody panics with it") = answers;
    let adapter = &services[usize::from(service.wrapping_sub(b'0')) % 3];
    let session = SessionSchema::new("s", "u", UnixMillis::new(1), UnixMillis::new(4_102_444_800_000));
    let renewal = SessionUpdate::renewal(UnixMillis::new(2), UnixMillis::new(4_102_444_800_001));
    let outcome = runtime.block_on(async {
        match operation {
            b'0' => {
                let found = adapter.get_session(&"s".into()).await?;
                assert!(found.is_none_or(|session| session.id.as_str() == "s"));
            }
            b'1' => {
                let found = adapter.get_sessions_by_user_id(&"u".into()).await?;
                assert!(found.iter().all(|session| session.user_id.as_str() == "u"));
            }
            b'2' => adapter.set_session(&session).await?,
            b'3' => adapter.update_session(&"s".into(), &renewal).await?,
            b'4' => adapter.delete_session(&"s".into()).await?,
            b'5' => adapter.delete_sessions_by_user_id(&"u".into()).await?,
            b'6' => adapter.rotate_session(&"s".into(), &"t".into(), &renewal).await?,
            _ => adapter.delete_other_sessions(&"u".into(), &"s".into()).await?,
        }
        Ok::<_, lucia_core::AdapterError>(())
    });
    match outcome {
        Ok(()) => assert!(!refuses_all, "a rejected request must fail"),
        Err(error) => assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}"),
    }
});

impl Answer {
    fn read(text: &[u8]) -> Self {
        let (&status, text) = text.split_first().unwrap_or((&b'0', b""));
        let end = text.iter().position(|byte| *byte == b'\n').unwrap_or(text.len());
        let (header, body) = text.split_at(end);
        let status = match status {
            b'1' => 204,
            b'2' => 302,
            b'3' => 400,
            b'4' => 404,
            b'5' => 429,
            b'6' => 503,
            _ => 200,
        };
        Self { status, header: header.to_vec(), body: body.get(1..).unwrap_or_default().to_vec() }
    }

    /// Returns the next response, or that of an overloaded service after the last.
    fn next() -> Self {
        let next = ANSWERS.lock().expect("nobody panics with it").pop_front();
        next.unwrap_or(Self { status: 503, header: Vec::new(), body: Vec::new() })
    }
}

/// Reads requests, and answers each with the next response.
fn serve(client: TcpStream) -> Option<()> {
    client.set_nodelay(true).ok()?;
    let mut requests = BufReader::new(client.try_clone().ok()?);
    let mut client = client;
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if requests.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if line.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().ok()?;
            }
        }
        let mut body = vec![0; length];
        requests.read_exact(&mut body).ok()?;
        let Answer { status, header, body } = Answer::next();
        let mut answer = format!("HTTP/1.1 {status} .\r\n").into_bytes();
        if header.contains(&b':') && !header.contains(&b'\r') {
            answer.extend_from_slice(&header);
            answer.extend_from_slice(b"\r\n");
        }
        if status == 204 {
            answer.extend_from_slice(b"\r\n");
        } else {
            answer.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
            answer.extend_from_slice(&body);
        }
        client.write_all(&answer).ok()?;
    }
}
