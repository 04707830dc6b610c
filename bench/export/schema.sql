CREATE TABLE bookings (
    id               uuid PRIMARY KEY,
    session_datetime timestamptz NOT NULL
);
