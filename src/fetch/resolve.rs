//! Names to addresses, without those that a source must not reach.

use std::net::IpAddr;

use async_trait::async_trait;

/// Looks up names; a trait so that tests need no name server.
#[async_trait]
pub trait LookUp: Send + Sync {
    /// All addresses of a name, in the order to try them; the error is for people.
    async fn look_up(&self, name: &str) -> Result<Vec<IpAddr>, String>;
}
