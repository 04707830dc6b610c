//! The community, its tokens, limits and images.

use super::{Cost, Operation, read, write};

/// The community.
pub const NETWORK: Operation =
    read("Network", "network", Cost::of(1), "query Network { network { id name } }", &[]);

/// What is left of the rate limits.
pub const RATE_LIMITS: Operation = read(
    "RateLimits",
    "apiRateLimitStats",
    Cost::of(5),
    "query RateLimits {
  apiRateLimitStats { consumableType limit consumedPoints remainingPoints duration resetsAt }
}",
    &[],
);

/// What webhooks can tell of.
pub const EVENT_TYPES: Operation = read(
    "EventTypes",
    "globalEventTypes",
    Cost::of(5),
    "query EventTypes { globalEventTypes { name noun verb description requiredScope } }",
    &[],
);

/// Announces images and gets the addresses to upload them to. `fields` is taken to be a scalar.
pub const CREATE_IMAGES: Operation = write(
    "CreateImages",
    "createImages",
    Cost::of(5),
    "mutation CreateImages($input: [CreateImageInput!]!) {
  createImages(input: $input) { mediaId signedUrl fields mediaUrl }
}",
    &[],
);

/// An app's token for the community, or for acting as one of its members. Sent with the app's id and secret.
pub const LIMITED_TOKEN: Operation = read(
    "LimitedToken",
    "limitedToken",
    Cost::of(1),
    "query LimitedToken($networkId: String!, $entityId: String, $impersonateMemberId: String) {
  limitedToken(networkId: $networkId, context: NETWORK, entityId: $entityId,
    impersonateMemberId: $impersonateMemberId) { accessToken gatewayUrl }
}",
    &[],
);

/// A guest's token. Sent by nobody.
pub const GUEST_TOKEN: Operation = read(
    "GuestToken",
    "tokens",
    Cost::of(1),
    "query GuestToken($networkId: ID) { tokens(networkId: $networkId) { accessToken } }",
    &[],
);

/// A member's token for a password. Sent by a guest; sending it again does no harm.
pub const LOGIN: Operation = Operation {
    name: "Login",
    root: "loginNetwork",
    text: "mutation Login($input: LoginNetworkWithPasswordInput!) {
  loginNetwork(input: $input) { accessToken refreshToken member { id username name status } }
}",
    fragments: &[],
    repeatable: true,
    cost: Cost::of(1 + 1),
};
