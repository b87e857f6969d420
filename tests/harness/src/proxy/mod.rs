//! A proxy in front of an API server that does to chosen requests what networks and servers do on bad days.
//!
//! It speaks TLS on both sides with the control plane's own certificate, so that a client needs another kubeconfig and
//! nothing else. A script sees each request first and says what becomes of it; a record keeps all of them.

mod connection;
mod fault;
mod http;
mod request;

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{fs, io, thread};

use connection::{Ends, serve};
pub use fault::Fault;
pub use request::{Request, Verb};

use crate::{Control, Error};

/// Says what becomes of a request.
type Script = Box<dyn FnMut(&Request) -> Fault + Send>;

/// A request that passed, and what the server said to it.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Counts the requests of this proxy.
    number: u64,
    /// The request.
    pub request: Request,
    /// The server's status code; `None` where the request did not reach it, or is on its way.
    pub code: Option<u16>,
    /// The uid of the object in the server's answer.
    pub uid: Option<String>,
}

/// What the connections share.
struct Shared {
    script: Mutex<Script>,
    record: Mutex<Vec<Exchange>>,
    requests: AtomicU64,
    over: AtomicBool,
}

impl Shared {
    /// Writes a request down.
    fn note(&self, request: &Request) -> u64 {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let request = request.clone();
        hold(&self.record).push(Exchange { number, request, code: None, uid: None });
        number
    }

    /// Writes down what the server said to it, unless its record was taken meanwhile.
    fn note_answer(&self, number: u64, code: Option<u16>, uid: Option<&str>) {
        let mut record = hold(&self.record);
        if let Some(exchange) = record.iter_mut().find(|it| it.number == number) {
            (exchange.code, exchange.uid) = (code, uid.map(str::to_owned));
        }
    }
}

fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A proxy that lives until it is dropped.
pub struct Proxy {
    shared: Arc<Shared>,
    kubeconfig: PathBuf,
    address: std::net::SocketAddr,
}

impl Proxy {
    /// Starts a proxy to the API server of a control plane, as the user of its kubeconfig.
    pub fn start(control: &Control) -> Result<Self, Error> {
        Self::start_as(control, &control.kubeconfig())
    }

    /// Starts a proxy to the API server of a control plane, as the user of another kubeconfig.
    pub fn start_as(control: &Control, kubeconfig: &Path) -> Result<Self, Error> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let text = fs::read_to_string(kubeconfig).map_err(Error::file("read", kubeconfig))?;
        let server = text.split("https://").nth(1).and_then(|rest| rest.split_whitespace().next());
        let server = server.unwrap_or_default().to_owned();
        let ends = Ends::new(&control.data(), server.clone())?;
        let listener = TcpListener::bind("127.0.0.1:0").map_err(Error::Listen)?;
        let address = listener.local_addr().map_err(Error::Listen)?;
        let name = format!("proxy-{}.kubeconfig", NUMBER.fetch_add(1, Ordering::Relaxed));
        let path = control.data().join(name);
        fs::write(&path, text.replace(&server, &address.to_string()))
            .map_err(Error::file("create", &path))?;
        let shared = Arc::new(Shared {
            script: Mutex::new(Box::new(|_| Fault::None)),
            record: Mutex::default(),
            requests: AtomicU64::new(0),
            over: AtomicBool::new(false),
        });
        let proxy = Self { shared: Arc::clone(&shared), kubeconfig: path, address };
        thread::spawn(move || accept(&listener, &Arc::new(ends), &shared));
        Ok(proxy)
    }

    /// The kubeconfig that leads through the proxy.
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// Decides about all requests from here on.
    pub fn script(&self, script: impl FnMut(&Request) -> Fault + Send + 'static) {
        *hold(&self.shared.script) = Box::new(script);
    }

    /// Does the fault to the first request that `which` picks, and lets all others pass.
    pub fn once(&self, which: impl Fn(&Request) -> bool + Send + 'static, fault: Fault) {
        let mut fault = Some(fault);
        self.script(
            move |request| {
                if which(request) { fault.take().unwrap_or_default() } else { Fault::None }
            },
        );
    }

    /// Does a fault to each different request that `which` picks, the first time it comes.
    pub fn each_once(
        &self,
        which: impl Fn(&Request) -> bool + Send + 'static,
        fault: impl Fn() -> Fault + Send + 'static,
    ) {
        let mut met = std::collections::HashSet::new();
        self.script(move |request| {
            if which(request) && met.insert(request.to_string()) { fault() } else { Fault::None }
        });
    }

    /// Lets everything pass.
    pub fn clear(&self) {
        self.script(|_| Fault::None);
    }

    /// Every request so far, in the order of arrival.
    pub fn record(&self) -> Vec<Exchange> {
        hold(&self.shared.record).clone()
    }

    /// Returns the record and begins another.
    pub fn take_record(&self) -> Vec<Exchange> {
        std::mem::take(&mut hold(&self.shared.record))
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        // Wakes the listener; when that fails it is gone already.
        let _ = TcpStream::connect(self.address);
        let _ = fs::remove_file(&self.kubeconfig);
    }
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proxy").field("address", &self.address).finish_non_exhaustive()
    }
}

fn accept(listener: &TcpListener, ends: &Arc<Ends>, shared: &Arc<Shared>) {
    for client in listener.incoming() {
        if shared.over.load(Ordering::SeqCst) {
            return;
        }
        let Ok(client) = client else { continue };
        let (ends, shared) = (Arc::clone(ends), Arc::clone(shared));
        // How a connection ends is for its client to see.
        thread::spawn(move || -> io::Result<()> { serve(client, &ends, &shared) });
    }
}
