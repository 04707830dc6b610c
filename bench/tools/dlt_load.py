"""Loads a CSV as Arrow tables, the way that dlt's documentation names as the fast one for PostgreSQL: files of
CSV, which the server reads with COPY. The table is there already, so its types are the server's."""

import os

import dlt
import pyarrow.csv


@dlt.resource(name="bookings", write_disposition="append")
def bookings():
    with pyarrow.csv.open_csv(os.environ["CSV"]) as reader:
        for batch in reader:
            yield batch


pipeline = dlt.pipeline(
    pipeline_name="bench",
    destination=dlt.destinations.postgres(credentials=os.environ["DATABASE_URL"]),
    dataset_name="public",
)
pipeline.run(bookings(), loader_file_format="csv").raise_on_failed_jobs()
