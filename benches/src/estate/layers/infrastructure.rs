//! Sites, racks, network, storage, machines and the shared services everything leans on.

use super::{Layers, starts};
use crate::estate::{class, kind};

impl Layers {
    pub(super) fn infrastructure(&mut self) {
        self.place_everything();
        self.locate_racks_and_clusters();
        self.wire_core_switches();
        self.wire_racked_switches();
        self.equip_racks();
        self.lay_out_storage();
        self.place_machines();
        self.set_up_hubs();
    }

    fn place_everything(&mut self) {
        for (site, id) in self.ids(class::SITE).enumerate() {
            self.site[id as usize] = site as u16;
        }
        let placed = [
            class::RACK,
            class::CLUSTER,
            class::STORAGE_ARRAY,
            class::STORAGE_VOLUME,
            class::HYPERVISOR,
            class::HOST,
            class::VM,
            class::NETWORK_INTERFACE,
        ];
        for class in placed {
            self.place(class);
        }
    }

    fn locate_racks_and_clusters(&mut self) {
        let first_site = self.ids(class::SITE).start;
        for id in self.ids(class::RACK).chain(self.ids(class::CLUSTER)) {
            self.link(id, first_site + u32::from(self.site(id)), kind::LOCATED_IN);
        }
    }

    /// Two core switches a site, each replicating the other: the smallest cycles of an estate.
    fn wire_core_switches(&mut self) {
        let first = self.ids(class::NETWORK_SWITCH).start;
        for site in 0..self.sites {
            let (left, right) = (first + 2 * site, first + 2 * site + 1);
            self.link_both(left, right, kind::REPLICATES_WITH);
            for switch in [left, right] {
                self.site[switch as usize] = site as u16;
                let rack = self.pick_in_site(class::RACK, site as u16);
                self.link(rack, switch, kind::HOSTS);
            }
        }
    }

    fn wire_racked_switches(&mut self) {
        let core = self.ids(class::NETWORK_SWITCH).start;
        let first = core + 2 * self.sites;
        let racks = self.ids(class::RACK);
        let racked = self.count(class::NETWORK_SWITCH) - 2 * self.sites;
        let draw_site = |_| {
            let rack = racks.start + self.random.below(racks.len() as u32);
            u32::from(self.site[rack as usize])
        };
        let mut sites: Vec<u32> = (0..racked).map(draw_site).collect();
        sites.sort_unstable();
        for (switch, &site) in (first..).zip(&sites) {
            self.site[switch as usize] = site as u16;
            self.link(switch, core + 2 * site, kind::CONNECTS_TO);
            self.link(switch, core + 2 * site + 1, kind::CONNECTS_TO);
            let rack = self.pick_in_site(class::RACK, site as u16);
            self.link(rack, switch, kind::HOSTS);
        }
        self.racked_switches = starts(&sites, self.sites);
    }

    /// A top-of-rack switch of the site, or a core switch where it has none.
    pub(super) fn pick_switch(&mut self, site: u16) -> u32 {
        let core = self.ids(class::NETWORK_SWITCH).start;
        let start = self.racked_switches[usize::from(site)];
        let racked = self.racked_switches[usize::from(site) + 1] - start;
        match racked {
            0 => core + 2 * u32::from(site),
            _ => core + 2 * self.sites + start + self.random.below(racked),
        }
    }

    fn equip_racks(&mut self) {
        for class in [class::HYPERVISOR, class::HOST, class::STORAGE_ARRAY] {
            for id in self.ids(class) {
                let site = self.site(id);
                let rack = self.pick_in_site(class::RACK, site);
                self.link(rack, id, kind::HOSTS);
                for _ in 0..2 {
                    let switch = self.pick_switch(site);
                    self.link(id, switch, kind::CONNECTS_TO);
                }
            }
        }
    }

    fn lay_out_storage(&mut self) {
        for class in [class::HYPERVISOR, class::HOST, class::STORAGE_VOLUME] {
            for id in self.ids(class) {
                let array = self.pick_at(class::STORAGE_ARRAY, self.site(id), 2, 1.0);
                self.link(id, array, kind::STORES_ON);
            }
        }
        let arrays = self.ids(class::STORAGE_ARRAY);
        for _ in 0..arrays.len() / 10 {
            let array = arrays.start + self.random.below(arrays.len() as u32);
            let mirror = self.pick_in_site(class::STORAGE_ARRAY, self.site(array));
            self.link_both(array, mirror, kind::REPLICATES_WITH);
        }
    }

    fn place_machines(&mut self) {
        for id in self.ids(class::HYPERVISOR) {
            let cluster = self.pick_in_site(class::CLUSTER, self.site(id));
            self.link(id, cluster, kind::MEMBER_OF);
        }
        for id in self.ids(class::VM) {
            let hypervisor = self.pick_in_site(class::HYPERVISOR, self.site(id));
            self.link(id, hypervisor, kind::RUNS_ON);
            let volume = self.pick_in_site(class::STORAGE_VOLUME, self.site(id));
            self.link(id, volume, kind::STORES_ON);
        }
        for id in self.ids(class::NETWORK_INTERFACE) {
            let switch = self.pick_switch(self.site(id));
            self.link(id, switch, kind::CONNECTS_TO);
            let machine = self.pick_in_site(class::VM, self.site(id));
            self.link(machine, id, kind::CONNECTS_TO);
        }
    }

    /// Directory, name and time services: every VM uses two of them, the first ranks carry nearly all.
    fn set_up_hubs(&mut self) {
        let hubs = self.ids(class::SHARED_SERVICE);
        for hub in hubs.clone() {
            self.site[hub as usize] = self.random.heavy(self.sites, 2) as u16;
            self.environment[hub as usize] = 0;
            for _ in 0..3 {
                let machine = self.pick_in_site(class::VM, self.site(hub));
                self.link(hub, machine, kind::RUNS_ON);
            }
        }
        for hub in (hubs.start..hubs.end - 1).step_by(2) {
            self.link_both(hub, hub + 1, kind::REPLICATES_WITH);
        }
        for machine in self.ids(class::VM) {
            for power in [5, 3] {
                let hub = self.pick_hub(power);
                self.link(machine, hub, kind::USES);
            }
        }
    }
}
