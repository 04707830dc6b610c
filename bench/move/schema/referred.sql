-- With two tables that refer to bookings.
CREATE TABLE users (
    id         uuid PRIMARY KEY,
    email      text NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE bookings (
    id               uuid PRIMARY KEY,
    client_id        uuid NOT NULL,
    coach_id         uuid NOT NULL,
    session_datetime timestamptz NOT NULL,
    duration_minutes integer NOT NULL,
    status           text NOT NULL,
    notes            text,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL
);

CREATE TABLE payments (
    id         uuid PRIMARY KEY,
    booking_id uuid NOT NULL REFERENCES bookings (id)
);
CREATE INDEX payments_booking_id_idx ON payments (booking_id);

CREATE TABLE reviews (
    id         uuid PRIMARY KEY,
    booking_id uuid NOT NULL REFERENCES bookings (id)
);
CREATE INDEX reviews_booking_id_idx ON reviews (booking_id);
