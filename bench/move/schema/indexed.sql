-- With 2 secondary indexes and 2 foreign keys.
CREATE TABLE users (
    id         uuid PRIMARY KEY,
    email      text NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE bookings (
    id               uuid PRIMARY KEY,
    client_id        uuid NOT NULL REFERENCES users (id),
    coach_id         uuid NOT NULL REFERENCES users (id),
    session_datetime timestamptz NOT NULL,
    duration_minutes integer NOT NULL,
    status           text NOT NULL,
    notes            text,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL
);
CREATE INDEX bookings_client_id_idx ON bookings (client_id);
CREATE INDEX bookings_coach_id_idx ON bookings (coach_id);
