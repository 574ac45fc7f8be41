//! The company as two tables: its applications with what each runs on, and the business services they make
//! up.
//!
//! Whoever wants another story for the demo changes these tables and nothing else. Numbers in a layout are
//! the storage array in Frankfurt that the first copy lies on; the prepared change takes number 2 offline.

use Databases::{Cluster, Managed, None as NoData, Primary, Solo};
use Layout::{Cloud, Four, One, Quorum, SameArray, SameFeed, SameHost, Three, Two};

/// How the production copies of an application are laid out.
#[derive(Clone, Copy)]
pub enum Layout {
    /// One copy.
    One(usize),
    /// One copy in each data centre.
    Two(usize),
    /// One in Hamburg and two in Frankfurt, on different arrays; any one will do.
    Three(usize),
    /// Two in each data centre, half of which carry the load.
    Four(usize),
    /// As `Three`, but two have to agree.
    Quorum(usize),
    /// Looks sound and is not: different racks and hosts, one array.
    SameArray(usize),
    /// Looks sound and is not: two machines on one hypervisor.
    SameHost(usize),
    /// Looks sound and is not: two hosts on one power unit.
    SameFeed(usize),
    /// Containers in two zones of the cloud region.
    Cloud,
}

/// Where an application keeps its data.
#[derive(Clone, Copy)]
pub enum Databases {
    None,
    /// A single database.
    Solo(usize),
    /// A primary in Frankfurt and a standby in Hamburg.
    Primary(usize),
    /// A cluster of three nodes that needs two.
    Cluster(usize),
    /// A managed database of the cloud provider.
    Managed,
}

pub struct AppSpec {
    pub slug: &'static str,
    pub name: &'static str,
    pub team: &'static str,
    pub layout: Layout,
    pub databases: Databases,
    /// Applications it cannot do without.
    pub calls: &'static [&'static str],
    /// Applications whose loss it survives with less function.
    pub enriched_by: &'static [&'static str],
}

pub struct ServiceSpec {
    pub name: &'static str,
    /// 1 is the highest.
    pub criticality: u8,
    pub team: &'static str,
    pub needs: &'static [&'static str],
    pub enriched_by: &'static [&'static str],
}

const fn app(
    (slug, name, team): (&'static str, &'static str, &'static str),
    layout: Layout,
    databases: Databases,
    calls: &'static [&'static str],
    enriched_by: &'static [&'static str],
) -> AppSpec {
    AppSpec { slug, name, team, layout, databases, calls, enriched_by }
}

const fn svc(
    name: &'static str,
    criticality: u8,
    team: &'static str,
    needs: &'static [&'static str],
    enriched_by: &'static [&'static str],
) -> ServiceSpec {
    ServiceSpec { name, criticality, team, needs, enriched_by }
}

const SHOP: &str = "Web Shop";
const PAY: &str = "Payments";
const LOGISTICS: &str = "Orders and Logistics";
const STORES: &str = "Store Systems";
const CUSTOMER: &str = "Customer and Loyalty";
const FINANCE: &str = "Finance Systems";
const PEOPLE: &str = "People Systems";
const BUYING: &str = "Procurement Systems";
const DATA: &str = "Data Platform";
const OFFICE: &str = "Workplace";
const PLATFORM: &str = "Platform Engineering";

#[rustfmt::skip]
pub const APPLICATIONS: &[AppSpec] = &[
    // Platform: what all others lean on is laid out best.
    app(("dns", "Name Resolution", PLATFORM), Four(1), NoData, &[], &[]),
    app(("directory", "Directory", PLATFORM), Three(3), Cluster(3), &[], &["identity"]),
    app(("identity", "Identity Provider", PLATFORM), Three(1), Cluster(4), &["directory"], &[]),
    app(("secrets-vault", "Secrets Vault", PLATFORM), Three(4), NoData, &[], &[]),
    app(("message-bus", "Message Bus", PLATFORM), Quorum(3), NoData, &[], &[]),
    app(("api-gateway", "API Gateway", PLATFORM), Four(3), NoData, &["identity"], &[]),
    app(("monitoring", "Monitoring", PLATFORM), Two(4), Solo(4), &[], &[]),
    app(("log-platform", "Log Platform", PLATFORM), Quorum(1), NoData, &[], &[]),
    app(("backup-control", "Backup Control", "Storage and Backup"), One(3), Solo(3), &[], &[]),
    app(("cert-authority", "Certificate Authority", PLATFORM), Two(1), Primary(1), &[], &[]),
    app(("deploy-pipeline", "Deployment Pipeline", PLATFORM), Cloud, Managed, &["secrets-vault"], &[]),
    app(("service-desk", "Service Desk", OFFICE), Cloud, Managed, &[], &["identity"]),
    app(("file-transfer", "Managed File Transfer", PLATFORM), Two(2), NoData, &[], &[]),
    // Web shop.
    app(("storefront", "Storefront", SHOP), Four(1), NoData, &["api-gateway", "catalogue"], &["recommend", "search"]),
    app(("basket", "Basket", SHOP), Three(3), Cluster(1), &["api-gateway"], &[]),
    app(("checkout", "Checkout", SHOP), Three(1), Primary(1), &["basket", "payment-gw", "order-hub", "tax"], &["loyalty", "fraud"]),
    app(("catalogue", "Product Catalogue", SHOP), Three(4), Cluster(3), &[], &["content"]),
    app(("search", "Product Search", SHOP), Three(2), NoData, &["catalogue"], &[]),
    app(("recommend", "Recommendation Engine", SHOP), Cloud, Managed, &[], &["insight"]),
    app(("reviews", "Product Reviews", SHOP), Cloud, Managed, &[], &[]),
    app(("content", "Content Studio", SHOP), Two(3), Primary(3), &["identity"], &[]),
    app(("images", "Image Delivery", SHOP), Cloud, NoData, &[], &[]),
    app(("accounts", "Customer Accounts", SHOP), Three(1), Cluster(1), &["identity"], &[]),
    app(("wishlist", "Wish Lists", SHOP), Two(4), Solo(4), &["accounts"], &[]),
    app(("mobile-api", "Mobile App Backend", SHOP), Cloud, NoData, &["api-gateway", "accounts"], &["loyalty"]),
    // Payments. Both copies of the gateway are on array 2: the point of the demo.
    app(("payment-gw", "Payment Gateway", PAY), SameArray(2), Cluster(1), &["secrets-vault"], &[]),
    app(("fraud", "Fraud Screening", PAY), Cloud, Managed, &[], &[]),
    app(("gift-cards", "Gift Cards", PAY), Two(3), Primary(4), &["payment-gw"], &[]),
    app(("refunds", "Refunds", PAY), Two(3), Primary(3), &["payment-gw"], &[]),
    app(("invoicing", "Invoicing", PAY), Two(4), Primary(4), &["tax"], &["documents"]),
    app(("tax", "Tax Calculation", PAY), Three(1), NoData, &[], &[]),
    // Orders and logistics.
    app(("order-hub", "Order Hub", LOGISTICS), Three(2), Cluster(3), &["message-bus"], &["track"]),
    app(("click-collect", "Click and Collect", LOGISTICS), Two(1), Primary(2), &["order-hub"], &["stock"]),
    app(("returns", "Returns Desk", LOGISTICS), SameHost(1), Primary(1), &["order-hub"], &["refunds"]),
    app(("wms", "Warehouse Management", LOGISTICS), SameFeed(3), Primary(3), &["message-bus"], &["slotting"]),
    app(("slotting", "Warehouse Slotting", LOGISTICS), One(1), Solo(1), &["wms"], &[]),
    app(("transport", "Transport Planning", LOGISTICS), Two(4), Primary(4), &["carrier-hub"], &[]),
    app(("carrier-hub", "Carrier Hub", LOGISTICS), Cloud, Managed, &[], &[]),
    app(("track", "Track and Trace", LOGISTICS), Cloud, NoData, &["carrier-hub"], &[]),
    app(("stock", "Stock Ledger", LOGISTICS), Quorum(2), Cluster(4), &["message-bus"], &[]),
    app(("replenish", "Replenishment", LOGISTICS), Two(3), Primary(1), &["stock"], &["forecast"]),
    app(("forecast", "Demand Forecast", DATA), Cloud, Managed, &[], &["warehouse-db"]),
    // Stores.
    app(("pos-central", "POS Central", STORES), Three(3), Cluster(1), &["message-bus"], &["payment-gw", "loyalty"]),
    app(("prices", "Price Engine", STORES), Three(4), Cluster(4), &[], &["promotions"]),
    app(("promotions", "Promotions", STORES), Two(1), Primary(3), &["catalogue"], &[]),
    app(("shelf-labels", "Electronic Shelf Labels", STORES), One(3), Solo(3), &["prices"], &[]),
    app(("store-stock", "Store Stock", STORES), Two(4), Primary(4), &[], &["stock"]),
    app(("workforce", "Store Workforce Planning", STORES), Two(3), Primary(1), &["hr-core"], &[]),
    app(("counter", "Customer Counter", STORES), One(4), NoData, &[], &[]),
    app(("mobile-pos", "Mobile Point of Sale", STORES), SameHost(3), NoData, &["pos-central"], &[]),
    // Customers.
    app(("loyalty", "Loyalty Core", CUSTOMER), Two(2), Cluster(1), &["accounts"], &[]),
    app(("crm", "Customer Relationship", CUSTOMER), Two(1), Primary(3), &["accounts"], &["insight"]),
    app(("contact-centre", "Contact Centre", CUSTOMER), Cloud, Managed, &[], &["crm"]),
    app(("newsletter", "Newsletter", CUSTOMER), One(2), Solo(2), &[], &["insight"]),
    app(("consent", "Consent Register", CUSTOMER), Three(1), Cluster(3), &[], &[]),
    app(("surveys", "Customer Surveys", CUSTOMER), Cloud, NoData, &[], &[]),
    app(("chat", "Shopping Assistant", CUSTOMER), Cloud, NoData, &["accounts"], &["contact-centre"]),
    // Finance and people.
    app(("ledger", "Finance Ledger", FINANCE), Two(1), Primary(4), &["identity"], &["invoicing"]),
    app(("treasury", "Treasury", FINANCE), Two(4), Solo(4), &["ledger", "file-transfer"], &[]),
    app(("controlling", "Controlling Cube", FINANCE), One(1), Solo(1), &["warehouse-db"], &[]),
    app(("archive", "Contract Archive", FINANCE), One(3), Solo(3), &["documents"], &[]),
    app(("expenses", "Travel Expenses", FINANCE), Cloud, Managed, &[], &["ledger"]),
    app(("hr-core", "HR Core", PEOPLE), Two(3), Primary(3), &["identity"], &[]),
    app(("payroll", "Payroll", PEOPLE), Two(2), Primary(3), &["hr-core", "file-transfer"], &["time"]),
    app(("time", "Time and Attendance", PEOPLE), Two(4), Primary(4), &["hr-core"], &[]),
    app(("recruiting", "Recruiting", PEOPLE), Cloud, Managed, &[], &["hr-core"]),
    app(("learning", "Learning Portal", PEOPLE), Cloud, Managed, &[], &[]),
    // Buying.
    app(("edi", "EDI Gateway", BUYING), Two(2), Primary(1), &["message-bus"], &[]),
    app(("purchasing", "Purchasing", BUYING), Two(3), Primary(1), &["edi"], &["supplier-portal"]),
    app(("supplier-portal", "Supplier Portal", BUYING), Two(1), Primary(2), &["api-gateway"], &[]),
    app(("quality", "Product Quality", BUYING), Two(4), Primary(4), &[], &["supplier-portal"]),
    // Data and workplace.
    app(("warehouse-db", "Data Warehouse", DATA), Quorum(4), NoData, &[], &[]),
    app(("reporting", "Management Reporting", DATA), Two(1), Primary(1), &["warehouse-db"], &[]),
    app(("lake", "Data Lake", DATA), Cloud, NoData, &[], &[]),
    app(("insight", "Customer Insight", DATA), Cloud, Managed, &["lake"], &[]),
    app(("intranet", "Intranet", OFFICE), Two(3), Primary(3), &["identity"], &[]),
    app(("mail", "Mail and Calendar", OFFICE), Cloud, NoData, &["identity"], &[]),
    app(("documents", "Document Management", OFFICE), Two(2), Primary(4), &["identity"], &[]),
    app(("signature", "Electronic Signature", OFFICE), Cloud, NoData, &[], &[]),
    app(("building", "Building Management", "Facilities"), One(4), Solo(4), &[], &[]),
    app(("fleet", "Fleet Management", LOGISTICS), One(1), Solo(1), &[], &["transport"]),
];

#[rustfmt::skip]
pub const SERVICES: &[ServiceSpec] = &[
    svc("Online Shop Browsing", 1, SHOP, &["storefront", "images"], &["search", "reviews", "recommend"]),
    svc("Online Shop Checkout", 1, SHOP, &["checkout"], &["gift-cards"]),
    svc("Product Search", 2, SHOP, &["search"], &[]),
    svc("Customer Account", 2, SHOP, &["accounts", "consent"], &["wishlist"]),
    svc("Mobile Shopping App", 1, SHOP, &["mobile-api", "storefront"], &["recommend", "chat"]),
    svc("Product Content", 3, SHOP, &["content", "images"], &[]),
    svc("Product Reviews", 4, SHOP, &["reviews"], &[]),
    svc("Wish Lists", 4, SHOP, &["wishlist"], &[]),
    svc("Card Payments", 1, PAY, &["payment-gw"], &["fraud"]),
    svc("Gift Cards", 3, PAY, &["gift-cards"], &[]),
    svc("Refunds", 2, PAY, &["refunds"], &[]),
    svc("Customer Invoicing", 2, PAY, &["invoicing"], &[]),
    svc("Order Management", 1, LOGISTICS, &["order-hub"], &["track"]),
    svc("Click and Collect", 2, LOGISTICS, &["click-collect"], &[]),
    svc("Returns", 2, LOGISTICS, &["returns"], &["refunds"]),
    svc("Warehouse Management", 1, LOGISTICS, &["wms"], &["slotting"]),
    svc("Home Delivery", 2, LOGISTICS, &["transport", "track"], &["fleet"]),
    svc("Parcel Tracking", 3, LOGISTICS, &["track"], &[]),
    svc("Stock Visibility", 2, LOGISTICS, &["stock"], &["store-stock"]),
    svc("Store Replenishment", 2, LOGISTICS, &["replenish"], &[]),
    svc("Demand Planning", 3, DATA, &["forecast"], &["reporting"]),
    svc("Pricing", 1, STORES, &["prices"], &["promotions"]),
    svc("Promotions", 2, STORES, &["promotions"], &[]),
    svc("Electronic Shelf Labels", 3, STORES, &["shelf-labels"], &[]),
    svc("Store Stock Taking", 3, STORES, &["store-stock"], &[]),
    svc("Store Workforce Planning", 3, STORES, &["workforce"], &[]),
    svc("Customer Counter", 4, STORES, &["counter"], &[]),
    svc("Mobile Checkout in Store", 3, STORES, &["mobile-pos"], &["payment-gw"]),
    svc("Loyalty Programme", 2, CUSTOMER, &["loyalty"], &["crm"]),
    svc("Customer Service", 2, CUSTOMER, &["contact-centre"], &["crm", "chat"]),
    svc("Newsletter", 4, CUSTOMER, &["newsletter"], &[]),
    svc("Consent and Privacy", 2, CUSTOMER, &["consent"], &[]),
    svc("Customer Surveys", 5, CUSTOMER, &["surveys"], &[]),
    svc("Financial Accounting", 2, FINANCE, &["ledger"], &[]),
    svc("Treasury and Bank Payments", 2, FINANCE, &["treasury"], &[]),
    svc("Controlling", 3, FINANCE, &["controlling"], &[]),
    svc("Contract Archive", 4, FINANCE, &["archive"], &["signature"]),
    svc("Travel Expenses", 4, FINANCE, &["expenses"], &[]),
    svc("HR Administration", 3, PEOPLE, &["hr-core"], &["documents"]),
    svc("HR Payroll", 2, PEOPLE, &["payroll"], &[]),
    svc("Time Recording", 3, PEOPLE, &["time"], &[]),
    svc("Recruiting", 4, PEOPLE, &["recruiting"], &[]),
    svc("Learning", 5, PEOPLE, &["learning"], &[]),
    svc("Purchasing", 2, BUYING, &["purchasing"], &[]),
    svc("Supplier Data Exchange", 2, BUYING, &["edi"], &["file-transfer"]),
    svc("Supplier Collaboration", 3, BUYING, &["supplier-portal"], &["quality"]),
    svc("Management Reporting", 3, DATA, &["reporting"], &[]),
    svc("Customer Analytics", 3, DATA, &["insight"], &["warehouse-db"]),
    svc("Mail and Calendar", 2, OFFICE, &["mail"], &[]),
    svc("Documents and Signatures", 3, OFFICE, &["documents", "signature"], &[]),
    svc("Intranet", 4, OFFICE, &["intranet"], &[]),
    svc("Building Control", 3, "Facilities", &["building"], &[]),
];
