//! `cmdb webhook …`.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum Webhook {
    /// Tell an address about commits from now on; prints the secret that signs, once.
    Create {
        name: String,
        url: String,
        /// Only commits that touch items of these classes, subclasses included.
        #[arg(long = "class", value_delimiter = ',', value_name = "CLASS")]
        classes: Vec<String>,
        /// Only commits that hold such facts: item-created, item-edited, item-removed, related, unrelated …
        #[arg(long = "kind", value_delimiter = ',', value_name = "KIND")]
        kinds: Vec<String>,
    },
    /// Webhooks and how they stand.
    List,
    /// One webhook.
    Show { name: String },
    /// A new secret, printed once; the one before signs along for a day.
    Rotate { name: String },
    /// Tell nothing until it is resumed; nothing is lost meanwhile.
    Pause { name: String },
    /// Go on where it stopped, also after the receiver was given up.
    Resume {
        name: String,
        /// Go on after this position instead.
        #[arg(long, value_name = "POSITION")]
        after: Option<u64>,
    },
    /// Remove a webhook and its secret.
    Remove { name: String },
    /// What was delivered, newest first.
    Deliveries { name: String },
    /// Send a test event now; exits with 1 if it does not arrive.
    Test { name: String },
}

impl Webhook {
    /// Whether it changes anything.
    pub fn writes(&self) -> bool {
        !matches!(self, Webhook::List | Webhook::Show { .. } | Webhook::Deliveries { .. })
    }
}
