//! The registry of formats: a new one is one file below and one line in [`FORMATS`].

use crate::options::unknown_format;
use crate::{Options, Rejected, Sink, Source};
use cmdb_core::{Error, Result};
use smol_str::SmolStr;
use std::io::Write;

mod alertmanager;
mod ansible;
mod ansible_inventory;
mod aws;
mod aws_config;
mod backstage;
mod compose;
mod csv;
mod cve;
mod cyclonedx;
mod dmidecode;
mod glpi;
mod graphml;
mod icalendar;
mod itop;
mod json;
mod kev;
mod kubernetes;
mod lldp;
mod lshw;
mod ndjson;
mod netbox;
mod nmap;
mod nvd;
mod osquery;
mod osv;
mod servicenow;
mod spdx;
mod terraform;
mod traces;
mod vulnerability;
mod xlsx;
mod yaml;

/// Asked in this order, the pickiest first, when the format has to be guessed.
static FORMATS: &[&dyn Format] = &[
    &xlsx::Xlsx,
    &backstage::Backstage,
    &kubernetes::Kubernetes,
    &compose::Compose,
    &netbox::NetBox,
    &terraform::Terraform,
    &aws_config::AwsConfig,
    &aws::AwsDescribe,
    &servicenow::ServiceNow,
    &ansible::Ansible,
    &ansible_inventory::AnsibleInventory,
    &cyclonedx::CycloneDx,
    &spdx::Spdx,
    &kev::Kev,
    &nvd::Nvd,
    &cve::Cve,
    &osv::Osv,
    &osquery::Osquery,
    &alertmanager::Alertmanager,
    &traces::Traces,
    &nmap::Nmap,
    &glpi::Glpi,
    &itop::ITop,
    &graphml::GraphMl,
    &icalendar::ICalendar,
    &lshw::Lshw,
    &lldp::Lldp,
    &dmidecode::Dmidecode,
    &ndjson::Ndjson,
    &json::Json,
    &yaml::Yaml,
    &csv::Csv,
];

/// A file format that can be read into rows.
///
/// `read` must take memory bounded whatever the input, must not panic on any input, and must go on after a place it
/// can step over; what it cannot read at all is the returned error.
pub trait Format: Sync {
    /// The word after `--as`.
    fn name(&self) -> &'static str;
    /// Whether a file that begins with `head` (up to [`crate::HEAD_BYTES`]) looks like this format.
    fn recognises(&self, head: &[u8], file_name: &str) -> bool;
    /// Reads the whole input into `sink`.
    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<()>;
    /// Whether its files tell what was observed (traffic, neighbours, scans) rather than what somebody states.
    fn observes(&self) -> bool {
        false
    }
    /// Writes rows that were not taken back in this format, each with its reasons; whether it can.
    fn rejects(&self, _: Input<'_>, _: &Rejected, _: &mut dyn Write) -> Result<bool> {
        Ok(false)
    }
}

/// One file to be read.
pub struct Input<'a> {
    /// The file as the user named it.
    pub file: SmolStr,
    pub source: Source<'a>,
    pub options: &'a Options,
}

/// All formats.
pub fn formats() -> &'static [&'static dyn Format] {
    FORMATS
}

/// The format the user named, else the first that recognises the content.
pub(crate) fn choose(named: Option<&str>, head: &[u8], file_name: &str) -> Result<&'static dyn Format> {
    if let Some(name) = named {
        return FORMATS.iter().find(|f| f.name() == name).copied().ok_or_else(|| unknown_format(name));
    }
    FORMATS.iter().find(|f| f.recognises(head, file_name)).copied().ok_or_else(|| {
        let known: Vec<&str> = FORMATS.iter().map(|f| f.name()).collect();
        Error::invalid(
            "import.format-not-recognised",
            format!("the format of \"{file_name}\" is not recognised"),
        )
        .hint(format!("name it with --as, one of {}", known.join(", ")))
    })
}

/// Whether the file's name ends in one of `extensions`, in any case.
fn has_extension(file_name: &str, extensions: &[&str]) -> bool {
    file_name.rsplit_once('.').is_some_and(|(_, end)| extensions.iter().any(|e| end.eq_ignore_ascii_case(e)))
}
