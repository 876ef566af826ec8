//! A Postfix of the test's own: its configuration, queue and mailboxes live in one directory.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::free_port;

/// An instance that takes mail for `acme.example` into one Maildir a person, over TLS only. It is
/// stopped when the test lets go of it.
pub struct Postfix {
    pub port: u16,
    directory: tempfile::TempDir,
}

/// Postfix starts everything without chroot here; only the log is a datagram socket.
const SERVICES: &str = "\
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
";

impl Postfix {
    /// Starts it with a fresh certificate for `localhost`; needs root, as Postfix does.
    pub fn start(people: &[&str]) -> Postfix {
        let directory = tempfile::tempdir().unwrap();
        let postfix = Postfix { port: free_port(), directory };
        postfix.certify();
        postfix.configure(people);
        let started = postfix.control("start");
        let said = String::from_utf8_lossy(&started.stderr).into_owned();
        assert!(started.status.success(), "{said}\n{}", postfix.log());
        postfix
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The certificate, which is its own authority.
    pub fn authority(&self) -> PathBuf {
        self.path("relay.pem")
    }

    fn certify(&self) {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        std::fs::write(self.authority(), made.cert.pem()).unwrap();
        std::fs::write(self.path("relay.key"), made.signing_key.serialize_pem()).unwrap();
    }

    fn configure(&self, people: &[&str]) {
        let here = self.directory.path().display();
        let boxes: String =
            people.iter().map(|who| format!(" {{ {who}@acme.example = {who}/ }}")).collect();
        let main = format!(
            "compatibility_level = 3.6\n\
             queue_directory = {here}/queue\ndata_directory = {here}/data\n\
             command_directory = /usr/sbin\ndaemon_directory = /usr/lib/postfix/sbin\n\
             maillog_file = {here}/log\nmaillog_file_prefixes = {here}\n\
             myhostname = relay.acme.example\nmydestination =\nalias_maps =\n\
             inet_interfaces = 127.0.0.1\ninet_protocols = ipv4\nmynetworks = 127.0.0.0/8\n\
             smtpd_relay_restrictions = reject_unauth_destination\n\
             smtpd_tls_security_level = encrypt\nsmtpd_tls_received_header = yes\n\
             smtpd_tls_cert_file = {here}/relay.pem\nsmtpd_tls_key_file = {here}/relay.key\n\
             virtual_mailbox_domains = acme.example\nvirtual_mailbox_base = {here}/mail\n\
             virtual_mailbox_maps = inline:{{{boxes} }}\n\
             virtual_uid_maps = static:65534\nvirtual_gid_maps = static:65534\n"
        );
        std::fs::create_dir(self.path("etc")).unwrap();
        std::fs::write(self.path("etc/main.cf"), main).unwrap();
        let listener = format!("127.0.0.1:{} inet n - n - - smtpd\n", self.port);
        std::fs::write(self.path("etc/master.cf"), listener + SERVICES).unwrap();
        for (name, owner) in [("queue", "root"), ("data", "postfix"), ("mail", "nobody")] {
            std::fs::create_dir(self.path(name)).unwrap();
            run("chown", &[owner.as_ref(), &self.path(name)]);
        }
        // Its daemons are not root: they have to get through.
        run("chmod", &["0755".as_ref(), self.directory.path()]);
    }

    fn control(&self, verb: &str) -> Output {
        let mut command = Command::new("/usr/sbin/postfix");
        command.arg("-c").arg(self.path("etc")).arg(verb).output().unwrap()
    }

    /// What it did, for the text of a failure.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// The messages of a person, as they lie in the Maildir.
    pub fn mailbox(&self, person: &str) -> Vec<Vec<u8>> {
        let new = self.path("mail").join(person).join("new");
        let Ok(entries) = std::fs::read_dir(new) else { return Vec::new() };
        entries.flatten().map(|entry| std::fs::read(entry.path()).unwrap()).collect()
    }
}

fn run(program: &str, arguments: &[&Path]) {
    assert!(Command::new(program).args(arguments).status().unwrap().success(), "{program}");
}

impl Drop for Postfix {
    fn drop(&mut self) {
        drop(self.control("stop"));
    }
}
