//! What all calls go through: a token, the budget, an attempt, its verdict.

use crate::address::Address;
use crate::budget::{Budget, Limits, LocalBudget, Take, Ticket};
use crate::config::{AppCredentials, IntegrationConfig, Ports};
use crate::costs::Costs;
use crate::errors::Error;
use crate::queries::{GUEST_TOKEN, LIMITED_TOKEN, Operation};
use crate::tokens::{Kept, Token, Who};
use crate::verdict::{Judged, Verdict, judge};
use base::{Fault, Secret};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tokio::sync::Mutex;
use webclient::{Authorization, Call, Cause, Exchange, Pace};

/// One community's session.
pub(crate) struct Session {
    pub address: Address,
    pub home: Exchange,
    pub pace: Arc<dyn Pace>,
    /// The service did not understand the question whether a member takes messages: it is not asked again.
    pub contactability_unknown: AtomicBool,
    network_id: Option<String>,
    ready: Option<Secret>,
    app: Option<AppCredentials>,
    limits: Limits,
    budget: Arc<dyn Budget>,
    costs: Costs,
    /// Held while a token is fetched, so that callers who need the same one fetch it once.
    kept: Mutex<Kept>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Minted {
    access_token: Secret,
    gateway_url: Option<String>,
}

impl Session {
    pub fn new(config: &IntegrationConfig, ports: Ports) -> Result<Self, Fault> {
        let address = Address::parse(&config.url)?;
        let ready = config.token.clone().filter(|token| !token.is_empty());
        let app = config.app.clone().filter(|app| !app.client_id.is_empty() && !app.client_secret.is_empty());
        let network_id = config.network_id.clone().filter(|id| !id.is_empty());
        if ready.is_none() && app.is_none() {
            return Err(Fault::usage("BetterMode wants a token, and there is none")
                .hint("set BETTERMODE_CLIENT_ID and BETTERMODE_CLIENT_SECRET, or BETTERMODE_API_TOKEN"));
        }
        if app.is_some() && network_id.is_none() {
            return Err(Fault::usage("to fetch tokens, the community must be known")
                .hint("set BETTERMODE_NETWORK_ID"));
        }
        let Ports { pace, settings, budget, observer } = ports;
        let home = Exchange::new(address.url().clone(), settings, pace.clone(), observer)
            .map_err(|e| Fault::usage(e.to_string()))?;
        let limits = config.limits.clone();
        let budget = budget.unwrap_or_else(|| Arc::new(LocalBudget::new(limits.clone(), pace.clone())));
        let (costs, kept) = (Costs::default(), Mutex::new(Kept::default()));
        let contactability_unknown = AtomicBool::new(false);
        Ok(Self {
            address,
            home,
            pace,
            contactability_unknown,
            network_id,
            ready,
            app,
            limits,
            budget,
            costs,
            kept,
        })
    }

    pub fn can_mint(&self) -> bool {
        self.app.is_some()
    }

    pub fn page_size(&self, operation: &Operation, wanted: u64) -> u64 {
        let points = self.limits.query_complexity.min(self.limits.burst_complexity);
        self.costs.page(operation, wanted.clamp(1, super::PAGE_MAX), points)
    }

    /// Runs an operation as somebody. A refused token is fetched anew once.
    pub async fn run(
        &self,
        operation: &Operation,
        variables: &Value,
        who: &Who,
    ) -> Result<Box<RawValue>, Error> {
        let body = body(operation, variables)?;
        let mut renewed = false;
        loop {
            let token = self.token(operation, who).await?;
            let exchange = token.gateway.as_ref().unwrap_or(&self.home);
            let call = Call::post(Some(&token.authorization), &body);
            match self.deliver(operation, variables, exchange, &call).await? {
                Some(root) => return Ok(root),
                None => {
                    let mut kept = self.kept.lock().await;
                    kept.forget(who, &token);
                    if renewed || !self.is_renewable(who) {
                        return Err(Error::Unauthorized { operation: operation.name, minted: token.minted });
                    }
                    renewed = true;
                }
            }
        }
    }

    fn is_renewable(&self, who: &Who) -> bool {
        match who {
            Who::App | Who::Member(_) => self.app.is_some(),
            Who::Guest => true,
            Who::Holder(_) => false,
        }
    }

    /// Sends a call until there is a verdict; `None`: its token is no longer good.
    async fn deliver(
        &self,
        operation: &Operation,
        variables: &Value,
        exchange: &Exchange,
        call: &Call<'_>,
    ) -> Result<Option<Box<RawValue>>, Error> {
        let limit = variables.get("limit").and_then(Value::as_u64).unwrap_or(0);
        let mut attempts = exchange.attempts();
        loop {
            let ticket = self.admit(operation, limit).await?;
            let number = attempts.number();
            let ended = exchange.once(call, number).await;
            let Judged { verdict, complexity } =
                judge(operation, variables, number, ended, exchange.base().path());
            self.budget.settle(ticket, complexity).await;
            if let Some(reported) = complexity {
                self.costs.learn(operation, limit, reported);
            }
            match verdict {
                Verdict::Done(root) => return Ok(Some(root)),
                Verdict::Renew => return Ok(None),
                Verdict::Over(error) => return Err(error),
                Verdict::Again { cause, retry_after, error } => {
                    if cause == Cause::Status(429) {
                        self.budget.refused(retry_after).await;
                    }
                    if !attempts.again(call, cause, retry_after).await {
                        return Err(error);
                    }
                }
            }
        }
    }

    /// Waits until the budget has room.
    async fn admit(&self, operation: &Operation, limit: u64) -> Result<Ticket, Error> {
        let name = operation.name;
        let complexity = self.costs.estimate(operation, limit);
        let begun = self.pace.elapsed();
        loop {
            match self.budget.take(complexity).await {
                Take::Granted(ticket) => return Ok(ticket),
                Take::TooLarge => return Err(Error::TooComplex { operation: name, complexity }),
                Take::Wait(wait) => {
                    let spent = self.pace.elapsed().saturating_sub(begun);
                    if spent + wait > self.limits.wait_max {
                        let minutes = wait.as_secs().div_ceil(60);
                        return Err(Error::BudgetSpent { operation: name, minutes });
                    }
                    self.pace.sleep(wait).await;
                }
            }
        }
    }

    /// A token for somebody: kept, ready, or fetched.
    async fn token(&self, operation: &Operation, who: &Who) -> Result<Arc<Token>, Error> {
        let now = self.pace.now();
        if let Who::Holder(secret) = who {
            return Ok(Arc::new(self.hold(operation, secret, None, false, who)?));
        }
        let mut kept = self.kept.lock().await;
        if let Some(token) = kept.get(who, now) {
            return Ok(token);
        }
        if let (Who::App, Some(ready), false) = (who, &self.ready, kept.ready_is_over) {
            let token = self.hold(operation, ready, None, false, who)?;
            return Ok(kept.keep(who, token));
        }
        let minted = self.mint(operation, who).await?;
        let gateway = minted.gateway_url.as_deref().and_then(|url| self.address.gateway(url));
        let gateway = gateway.and_then(|url| self.home.elsewhere(url).ok());
        let token = self.hold(operation, &minted.access_token, gateway, true, who)?;
        Ok(kept.keep(who, token))
    }

    fn hold(
        &self,
        operation: &Operation,
        secret: &Secret,
        gateway: Option<Exchange>,
        minted: bool,
        who: &Who,
    ) -> Result<Token, Error> {
        Token::new(secret, gateway, minted, self.pace.now(), self.is_renewable(who))
            .map_err(|error| Error::NoAnswer { operation: operation.name, error })
    }

    /// Fetches a token.
    async fn mint(&self, operation: &Operation, who: &Who) -> Result<Minted, Error> {
        let (asked, variables, authorization) = match who {
            Who::Guest => (&GUEST_TOKEN, json!({"networkId": self.network_id}), None),
            Who::App | Who::Member(_) | Who::Holder(_) => {
                let Some(app) = &self.app else {
                    return Err(Error::Unauthorized { operation: operation.name, minted: false });
                };
                let mut variables = json!({"networkId": self.network_id, "entityId": self.network_id});
                if let Who::Member(id) = who {
                    variables["impersonateMemberId"] = Value::from(id.as_str());
                }
                let secret = app.client_secret.clone();
                (&LIMITED_TOKEN, variables, Some(Authorization::basic(&app.client_id, secret)))
            }
        };
        let body = body(asked, &variables)?;
        let call = Call::post(authorization.as_ref(), &body);
        match self.deliver(asked, &variables, &self.home, &call).await {
            Ok(Some(root)) => super::read(asked, &root),
            Ok(None) => Err(Error::UnknownApp { operation: asked.name, said: None }),
            // What is not found is the app; a member who is not there is refused like a record.
            Err(Error::NotFound { operation, said }) if *who == Who::App => {
                Err(Error::UnknownApp { operation, said })
            }
            Err(error) => Err(error),
        }
    }
}

/// The document of an operation, as it is sent.
fn body(operation: &Operation, variables: &Value) -> Result<Vec<u8>, Error> {
    let document = operation.document();
    let body = json!({"operationName": operation.name, "query": document, "variables": variables});
    serde_json::to_vec(&body)
        .map_err(|e| Error::Odd { operation: operation.name, what: format!("it cannot be written: {e}") })
}
