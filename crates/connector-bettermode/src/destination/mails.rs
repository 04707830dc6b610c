//! How many mails each way of writing would send. Nobody gets a mail unless somebody asked for it; the plan
//! says what each choice means.

/// A way of writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Members are made, their addresses counting as proven ([`crate::Client::join_network`]).
    JoinVerified,
    /// Members are made, their addresses not counting as proven.
    JoinUnverified,
    /// Members are invited ([`crate::Client::invite_members`]).
    Invite,
    /// Members are changed, suspended or deleted.
    ChangeMembers,
    /// Collections and spaces are made, changed or deleted.
    Spaces,
    /// Members are put into spaces.
    AddToSpaces,
    /// Posts are written, published.
    Posts,
    /// Replies are written, published.
    Replies,
    /// Reactions are given in people's names.
    Reactions,
    /// Events are made, with every notification that can be turned off turned off.
    SilentEvents,
    /// Direct messages are sent.
    Messages,
}

/// What a choice comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mails {
    /// How many mails or notices go out; `None`: nobody knows, because it depends on who follows what and on
    /// what members have set.
    pub count: Option<u64>,
    /// Whether the service's documents say so; if not, it is read out of the inputs, and was never tried.
    pub documented: bool,
}

/// What it would send, for so many records.
pub fn mails(choice: Choice, records: u64) -> Mails {
    let (count, documented) = match choice {
        _ if records == 0 => (Some(0), true),
        Choice::Invite => (Some(records), true),
        Choice::JoinVerified => (Some(0), false),
        // The service asks each for a proof.
        Choice::JoinUnverified => (Some(records), false),
        Choice::ChangeMembers | Choice::Spaces => (Some(0), false),
        // What can be turned off is about changes, registrations and reminders; whether members of the space
        // are told of a new event, no setting says.
        Choice::SilentEvents => (None, false),
        // Followers are told, the author of what is answered is told, and there is no silent way.
        Choice::Posts | Choice::Replies | Choice::Reactions | Choice::AddToSpaces => (None, false),
        Choice::Messages => (None, false),
    };
    Mails { count, documented }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_says_what_it_sends() {
        for (choice, records, count, documented) in [
            (Choice::Invite, 40, Some(40), true),
            (Choice::JoinVerified, 40, Some(0), false),
            (Choice::JoinUnverified, 40, Some(40), false),
            (Choice::ChangeMembers, 40, Some(0), false),
            (Choice::Spaces, 3, Some(0), false),
            (Choice::AddToSpaces, 3, None, false),
            (Choice::Posts, 7, None, false),
            (Choice::Replies, 7, None, false),
            (Choice::Reactions, 7, None, false),
            (Choice::SilentEvents, 7, None, false),
            (Choice::Messages, 1, None, false),
            (Choice::Posts, 0, Some(0), true),
        ] {
            assert_eq!(mails(choice, records), Mails { count, documented }, "{choice:?} {records}");
        }
    }
}
