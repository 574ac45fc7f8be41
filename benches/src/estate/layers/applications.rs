//! Business services, applications, instances, containers and the data they keep, by application domain.

use super::{Layers, starts};
use crate::estate::{class, kind};

/// Hub picks that are not a VM's follow one tail.
const HUB_POWER: u32 = 4;

impl Layers {
    pub(super) fn applications(&mut self) {
        self.spread_over_domains();
        self.run_data_stores();
        self.let_applications_call();
        self.build_business_layers();
        let instances = self.start_instances();
        self.run_instances(&instances);
        self.front_with_balancers();
    }

    /// Every domain gets one CI of each class and a home site that holds 70 % of its CIs.
    fn spread_over_domains(&mut self) {
        let home: Vec<u32> = (0..self.domains).map(|_| self.random.heavy(self.sites, 2)).collect();
        let spread = [
            class::BUSINESS_SERVICE,
            class::BUSINESS_APPLICATION,
            class::TECHNICAL_APPLICATION,
            class::DATABASE,
            class::QUEUE,
        ];
        for class in spread {
            let ids = self.ids(class);
            let mut domains: Vec<u32> = (0..self.domains).collect();
            domains.extend((self.domains..ids.len() as u32).map(|_| self.random.below(self.domains)));
            domains.sort_unstable();
            for (id, &domain) in ids.zip(&domains) {
                let at_home = self.random.chance(0.7);
                let elsewhere = self.random.heavy(self.sites, 2);
                self.site[id as usize] = if at_home { home[domain as usize] } else { elsewhere } as u16;
            }
            self.by_domain[usize::from(class)] = starts(&domains, self.domains);
        }
    }

    fn run_data_stores(&mut self) {
        for id in self.ids(class::DATABASE) {
            let carrier = if self.random.chance(0.15) { class::HOST } else { class::VM };
            let machine = self.pick_in_site(carrier, self.site(id));
            self.link(id, machine, kind::RUNS_ON);
            for _ in 0..1 + u32::from(self.random.chance(0.5)) {
                let volume = self.pick_in_site(class::STORAGE_VOLUME, self.site(id));
                self.link(id, volume, kind::STORES_ON);
            }
        }
        for id in self.ids(class::QUEUE) {
            let machine = self.pick_in_site(class::VM, self.site(id));
            self.link(id, machine, kind::RUNS_ON);
        }
        self.replicate_neighbours(class::DATABASE, 0.1);
        self.replicate_neighbours(class::QUEUE, 0.2);
    }

    fn replicate_neighbours(&mut self, class: u8, share: f64) {
        let ids = self.ids(class);
        for id in ids.start..ids.end - 1 {
            if self.random.chance(share) {
                self.link_both(id, id + 1, kind::REPLICATES_WITH);
            }
        }
    }

    /// Calls go to lower ranks of the domain, so they are acyclic but for the 3 % that are mutual on purpose.
    fn let_applications_call(&mut self) {
        let first = self.ids(class::TECHNICAL_APPLICATION).start;
        let domains = self.domains_of(class::TECHNICAL_APPLICATION);
        let ranks = self.ranks(&domains);
        for (id, &rank) in (first..).zip(&ranks).filter(|&(_, &rank)| rank > 0) {
            for _ in 0..2 {
                if self.random.chance(0.8) {
                    let callee = id - 1 - self.random.heavy(rank, 2);
                    self.link(id, callee, kind::CALLS);
                }
            }
            if self.random.chance(0.03) {
                self.link_both(id, id - 1, kind::CALLS);
            }
        }
        self.call_platforms(first, &ranks);
    }

    fn ranks(&self, domains: &[u32]) -> Vec<u32> {
        let starts = &self.by_domain[usize::from(class::TECHNICAL_APPLICATION)];
        (0u32..).zip(domains).map(|(number, &domain)| number - starts[domain as usize]).collect()
    }

    /// A quarter of the applications call a platform application of any domain, if it ranks below them.
    fn call_platforms(&mut self, first: u32, ranks: &[u32]) {
        let platforms = (ranks.len() as u32 / 50).max(4);
        for number in 0..ranks.len() {
            if !self.random.chance(0.25) {
                continue;
            }
            let domain = self.random.below(self.domains) as usize;
            let start = self.by_domain[usize::from(class::TECHNICAL_APPLICATION)][domain];
            let callee = start + self.random.heavy((platforms / self.domains).max(1), 2);
            let callee = callee.min(ranks.len() as u32 - 1);
            if ranks[number] > ranks[callee as usize] {
                self.link(first + number as u32, first + callee, kind::CALLS);
            }
        }
    }

    fn build_business_layers(&mut self) {
        let domains = self.domains_of(class::BUSINESS_APPLICATION);
        for (id, domain) in self.ids(class::BUSINESS_APPLICATION).zip(domains) {
            for power in [1, 1, 2, 3] {
                let application = self.pick_in_domain(class::TECHNICAL_APPLICATION, domain, power);
                self.link(id, application, kind::DEPENDS_ON);
            }
        }
        let applications = self.ids(class::BUSINESS_APPLICATION);
        let domains = self.domains_of(class::BUSINESS_SERVICE);
        for (id, domain) in self.ids(class::BUSINESS_SERVICE).zip(domains) {
            for _ in 0..3 {
                let application = self.pick_in_domain(class::BUSINESS_APPLICATION, domain, 1);
                self.link(id, application, kind::DEPENDS_ON);
            }
            let foreign = applications.start + self.random.below(applications.len() as u32);
            self.link(id, foreign, kind::DEPENDS_ON);
        }
    }

    /// Instances of technical applications, at least one each; answers the domain of every instance.
    fn start_instances(&mut self) -> Vec<u32> {
        let applications = self.ids(class::TECHNICAL_APPLICATION);
        let instances = self.ids(class::APP_INSTANCE);
        let number = applications.len() as u32;
        let mut parents: Vec<u32> = (0..number).collect();
        parents.extend((number..instances.len() as u32).map(|_| self.random.below(number)));
        parents.sort_unstable();
        for (id, &parent) in instances.zip(&parents) {
            let application = applications.start + parent;
            let elsewhere = self.random.heavy(self.sites, 2) as u16;
            let stays = self.random.chance(0.8);
            self.site[id as usize] = if stays { self.site(application) } else { elsewhere };
            if self.random.chance(0.6) {
                self.environment[id as usize] = self.environment[application as usize];
            }
            self.link(application, id, kind::DEPENDS_ON);
        }
        let domains = self.domains_of(class::TECHNICAL_APPLICATION);
        parents.into_iter().map(|parent| domains[parent as usize]).collect()
    }

    fn run_instances(&mut self, domains: &[u32]) {
        let ids = self.ids(class::APP_INSTANCE);
        let mut order: Vec<u32> = ids.clone().collect();
        self.random.shuffle(&mut order);
        let plain = order.split_off(order.len() * 6 / 10);
        self.start_containers(order);
        for id in plain {
            let machine = self.pick_in_site(class::VM, self.site(id));
            self.link(id, machine, kind::RUNS_ON);
        }
        for (id, &domain) in ids.zip(domains) {
            self.use_services(id, domain);
        }
    }

    fn use_services(&mut self, instance: u32, domain: u32) {
        let database = match self.random.chance(0.95) {
            true => self.pick_in_domain(class::DATABASE, domain, 2),
            false => self.ids(class::DATABASE).start + self.random.heavy(self.count(class::DATABASE), 6),
        };
        self.link(instance, database, kind::USES);
        if self.random.chance(0.35) {
            let queue = self.pick_in_domain(class::QUEUE, domain, 2);
            self.link(instance, queue, kind::USES);
        }
        for _ in 0..1 + u32::from(self.random.chance(0.5)) {
            let hub = self.pick_hub(HUB_POWER);
            self.link(instance, hub, kind::USES);
        }
    }

    /// Containers of the chosen instances; they run on the tenth of a site's VMs that are cluster nodes.
    fn start_containers(&mut self, mut instances: Vec<u32>) {
        instances.sort_unstable();
        let ids = self.ids(class::CONTAINER);
        let mut owners: Vec<u32> = ids.clone().map(|_| self.random.below(instances.len() as u32)).collect();
        owners.sort_unstable();
        for (id, owner) in ids.zip(owners) {
            let instance = instances[owner as usize];
            self.site[id as usize] = self.site(instance);
            self.environment[id as usize] = self.environment[instance as usize];
            self.link(instance, id, kind::DEPENDS_ON);
            let machine = self.pick_at(class::VM, self.site(id), 1, 0.1);
            self.link(id, machine, kind::RUNS_ON);
            if self.random.chance(0.15) {
                let volume = self.pick_in_site(class::STORAGE_VOLUME, self.site(id));
                self.link(id, volume, kind::STORES_ON);
            }
            if self.random.chance(0.3) {
                let hub = self.pick_hub(HUB_POWER);
                self.link(id, hub, kind::USES);
            }
        }
    }

    fn front_with_balancers(&mut self) {
        let applications = self.ids(class::TECHNICAL_APPLICATION);
        let balancers = self.ids(class::LOAD_BALANCER);
        for id in balancers.clone() {
            let application = applications.start + self.random.below(applications.len() as u32);
            let site = self.site(application);
            self.site[id as usize] = site;
            self.link(application, id, kind::USES);
            let (machine, switch) = (self.pick_in_site(class::VM, site), self.pick_switch(site));
            self.link(id, machine, kind::RUNS_ON);
            self.link(id, switch, kind::CONNECTS_TO);
        }
        for id in self.ids(class::CERTIFICATE) {
            let balancer = balancers.start + self.random.below(balancers.len() as u32);
            self.site[id as usize] = self.site(balancer);
            self.link(balancer, id, kind::USES);
            let hub = self.pick_hub(HUB_POWER);
            self.link(id, hub, kind::USES);
        }
    }
}
