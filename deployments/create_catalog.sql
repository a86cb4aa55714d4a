-- The server's database is made by the image of PostgreSQL; this is that of findmatches' catalog.
CREATE DATABASE findmatches;
