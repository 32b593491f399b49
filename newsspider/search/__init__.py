"""Full text of the archive: a query language, an index that follows the database, and a scan where there is none."""
