//! A disk in memory that can lose power and fail: what was synced is durable, of everything since the last sync each
//! sector, write and change of length survives or not.

use super::support::Random;
use cmdb_core::store::Location;
use redb::StorageBackend;
use std::io::{Error, ErrorKind, Result};
use std::sync::{Arc, Mutex, MutexGuard};

const SECTOR: usize = 512;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    Read,
    Write,
    Sync,
    SetLen,
}

#[derive(Clone, Debug)]
enum Unsynced {
    Write(usize, Vec<u8>),
    SetLen(usize),
}

/// When calls fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    /// The n-th call from now (counted from 0) fails, and all after it if `for_good`.
    Nth {
        n: u64,
        for_good: bool,
    },
}

#[derive(Debug)]
struct State {
    durable: Vec<u8>,
    /// What readers see: the durable bytes with everything since.
    bytes: Vec<u8>,
    unsynced: Vec<Unsynced>,
    calls: Vec<Call>,
    count: bool,
    fault: Fault,
    faulted: bool,
    /// Handles of an older life answer nothing but errors.
    life: u64,
}

/// The disk; a clone is the same disk.
#[derive(Clone, Debug)]
pub struct Disk(Arc<Mutex<State>>);

#[derive(Debug)]
struct Handle(Disk, u64);

impl Disk {
    pub fn new(bytes: Vec<u8>) -> Disk {
        Disk(Arc::new(Mutex::new(State {
            durable: bytes.clone(),
            bytes,
            unsynced: Vec::new(),
            calls: Vec::new(),
            count: false,
            fault: Fault::None,
            faulted: false,
            life: 0,
        })))
    }
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
    pub fn location(&self) -> Location {
        let disk = self.clone();
        Location::Backend(Arc::new(move || {
            let life = disk.state().life;
            Box::new(Handle(disk.clone(), life))
        }))
    }
    pub fn backend(&self) -> impl StorageBackend + use<> {
        let life = self.state().life;
        Handle(self.clone(), life)
    }
    /// Durable bytes, after a clean end all there is.
    pub fn image(&self) -> Vec<u8> {
        self.state().bytes.clone()
    }
    pub fn set_fault(&self, fault: Fault) {
        let mut state = self.state();
        state.fault = fault;
        state.faulted = false;
    }
    pub fn faulted(&self) -> bool {
        self.state().faulted
    }
    /// Calls made from here on, in order.
    pub fn count_calls(&self) {
        let mut state = self.state();
        state.count = true;
        state.calls.clear();
    }
    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }
    /// The power goes: every handle is dead, and of what was not synced some survives.
    pub fn cut(&self, random: &mut Random) {
        let mut state = self.state();
        state.life += 1;
        state.fault = Fault::None;
        let unsynced = std::mem::take(&mut state.unsynced);
        let mut bytes = std::mem::take(&mut state.durable);
        let survival = [0, 10, 50, 90, 100][random.below(5)];
        let by_sector = random.chance(60);
        for change in unsynced {
            match change {
                Unsynced::SetLen(len) => {
                    if random.chance(survival) {
                        bytes.resize(len, 0);
                    }
                }
                Unsynced::Write(offset, data) if by_sector => {
                    let mut at = 0;
                    while at < data.len() {
                        let end = (at + SECTOR - (offset + at) % SECTOR).min(data.len());
                        if random.chance(survival) {
                            put(&mut bytes, offset + at, &data[at..end]);
                        }
                        at = end;
                    }
                }
                Unsynced::Write(offset, data) => {
                    if random.chance(survival) {
                        put(&mut bytes, offset, &data);
                    }
                }
            }
        }
        state.bytes = bytes.clone();
        state.durable = bytes;
    }
}

fn put(bytes: &mut Vec<u8>, offset: usize, data: &[u8]) {
    if bytes.len() < offset + data.len() {
        bytes.resize(offset + data.len(), 0);
    }
    bytes[offset..offset + data.len()].copy_from_slice(data);
}

impl Handle {
    fn enter(&self, call: Call) -> Result<MutexGuard<'_, State>> {
        let mut state = self.0.state();
        if state.life != self.1 {
            return Err(Error::other("the power is off"));
        }
        if state.count {
            state.calls.push(call);
        }
        let failing = match &mut state.fault {
            Fault::None => false,
            Fault::Nth { n: 0, for_good } => {
                if !*for_good {
                    state.fault = Fault::None;
                }
                true
            }
            Fault::Nth { n, .. } => {
                *n -= 1;
                false
            }
        };
        if failing {
            state.faulted = true;
            return Err(Error::other(format!("{call:?} failed on purpose")));
        }
        Ok(state)
    }
}

impl StorageBackend for Handle {
    fn len(&self) -> Result<u64> {
        Ok(self.0.state().bytes.len() as u64)
    }
    fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        let state = self.enter(Call::Read)?;
        let from = state.bytes.get(offset as usize..).and_then(|b| b.get(..out.len()));
        out.copy_from_slice(from.ok_or_else(|| Error::from(ErrorKind::UnexpectedEof))?);
        Ok(())
    }
    fn set_len(&self, len: u64) -> Result<()> {
        let mut state = self.enter(Call::SetLen)?;
        state.bytes.resize(len as usize, 0);
        state.unsynced.push(Unsynced::SetLen(len as usize));
        Ok(())
    }
    fn sync_data(&self) -> Result<()> {
        let mut state = self.enter(Call::Sync)?;
        for change in std::mem::take(&mut state.unsynced) {
            match change {
                Unsynced::SetLen(len) => state.durable.resize(len, 0),
                Unsynced::Write(offset, data) => put(&mut state.durable, offset, &data),
            }
        }
        Ok(())
    }
    fn write(&self, offset: u64, data: &[u8]) -> Result<()> {
        let mut state = self.enter(Call::Write)?;
        put(&mut state.bytes, offset as usize, data);
        state.unsynced.push(Unsynced::Write(offset as usize, data.to_vec()));
        Ok(())
    }
}

#[test]
fn a_cut_keeps_what_was_synced_and_loses_some_of_the_rest() {
    let mut random = Random(1);
    let (mut kept, mut lost) = (0, 0);
    for _ in 0..200 {
        let disk = Disk::new(vec![0; 4 * SECTOR]);
        let backend = disk.backend();
        backend.write(0, &[1; 2 * SECTOR]).unwrap();
        backend.sync_data().unwrap();
        backend.write(2 * SECTOR as u64, &[2; 2 * SECTOR]).unwrap();
        disk.cut(&mut random);
        assert!(backend.write(0, &[9]).is_err(), "a handle outlived the cut");
        let image = disk.image();
        assert!(image[..2 * SECTOR].iter().all(|b| *b == 1));
        let survived = image[2 * SECTOR..].chunks(SECTOR).filter(|s| s[0] == 2).count();
        kept += survived;
        lost += 2 - survived;
    }
    assert!(kept > 50 && lost > 50, "{kept} {lost}");
}
