//! The stand-in servers of each demo.

use base::Fault;
use sandbox::{SandboxError, SandboxOptions, Service, bettermode, circle, notion};

/// The demos that there are.
pub(super) const NAMES: [&str; 2] = ["culturebridge", "circle-to-bettermode"];

/// The services that a demo's project talks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StandIns {
    /// A Bubble application.
    Culturebridge,
    /// Circle, BetterMode and Notion.
    Community,
}

/// Those that serve.
pub(super) enum Running {
    /// See [`StandIns::Culturebridge`].
    Culturebridge(sandbox::Running),
    /// See [`StandIns::Community`].
    Community(Box<Community>),
}

/// The stand-ins of a community's move.
pub(super) struct Community {
    circle: circle::Running,
    /// Where the community goes.
    pub bettermode: bettermode::Running,
    notion: notion::Running,
}

impl StandIns {
    /// Those of a demo.
    pub fn of(name: &str) -> Option<Self> {
        match name {
            "culturebridge" => Some(StandIns::Culturebridge),
            "circle-to-bettermode" => Some(StandIns::Community),
            _ => None,
        }
    }

    /// How large their data is: bookings, or members.
    pub fn records(self) -> u64 {
        match self {
            StandIns::Culturebridge => 400,
            StandIns::Community => 60,
        }
    }

    /// What they are, for people.
    pub fn words(self, records: u64) -> String {
        match self {
            StandIns::Culturebridge => {
                let bookings = crate::words::plural(records, "booking");
                format!("A stand-in Bubble application with {bookings} on this machine.")
            }
            StandIns::Community => {
                let members = crate::words::plural(records, "member");
                format!(
                    "Stand-ins for Circle, with a community of {members}, for BetterMode and for Notion on \
                     this machine."
                )
            }
        }
    }

    /// How to do the same with a person's own application.
    pub fn your_own(self) -> &'static str {
        match self {
            StandIns::Culturebridge => {
                "Your own application: landfall new culturebridge, then set BUBBLE_API_URL, BUBBLE_API_KEY \
                 and DATABASE_URL."
            }
            StandIns::Community => {
                "Your own community: landfall new circle-to-bettermode, then set what its \
                 .env.bettermode.example lists."
            }
        }
    }

    /// Starts them.
    pub async fn start(self, records: u64) -> Result<Running, Fault> {
        match self {
            StandIns::Culturebridge => {
                let options = SandboxOptions { records, ..SandboxOptions::default() };
                let bubble = sandbox::start(Service::Bubble, options).await.map_err(refused)?;
                Ok(Running::Culturebridge(bubble))
            }
            StandIns::Community => {
                let circle = circle::start(circle::Options { records, ..Default::default() });
                let bettermode = bettermode::start(bettermode::Options { records: 0, ..Default::default() });
                let notion = notion::start(notion::Options { records, ..Default::default() });
                let (circle, bettermode, notion) = tokio::join!(circle, bettermode, notion);
                Ok(Running::Community(Box::new(Community {
                    circle: circle.map_err(refused)?,
                    bettermode: bettermode.map_err(refused)?,
                    notion: notion.map_err(refused)?,
                })))
            }
        }
    }
}

impl Running {
    /// The variables that lead a project to them.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        match self {
            Running::Culturebridge(bubble) => {
                vec![("BUBBLE_API_URL", bubble.address.clone()), ("BUBBLE_API_KEY", bubble.key.clone())]
            }
            Running::Community(all) => {
                let mut variables = all.circle.exports();
                variables.extend(all.bettermode.exports());
                variables.extend(all.notion.exports());
                // The stand-in has no limits of its own, and nobody wants to wait for the free plan's.
                variables.push(("BETTERMODE_REQUESTS_PER_BURST", "100000".to_owned()));
                variables.push(("BETTERMODE_COMPLEXITY_PER_BURST", "10000000".to_owned()));
                variables.push(("NOTION_REQUESTS_PER_MINUTE", "100000".to_owned()));
                variables
            }
        }
    }

    /// Stops them.
    pub async fn stop(self) {
        match self {
            Running::Culturebridge(bubble) => bubble.stop().await,
            Running::Community(all) => {
                let Community { circle, bettermode, notion } = *all;
                tokio::join!(circle.stop(), bettermode.stop(), notion.stop());
            }
        }
    }
}

fn refused(error: SandboxError) -> Fault {
    Fault::fail(error.to_string())
}
