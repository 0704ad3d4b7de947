"""What an application may ask of MongoDB, one small probe a feature, by areas. A probe that returns has seen the right answer."""

from . import admin, collections, crud, expressions, indexes, queries, sessions, stages, types, updates

AREAS = {
    "Reads and writes": crud.PROBES,
    "Queries": queries.PROBES,
    "Updates": updates.PROBES,
    "Aggregation stages": stages.STAGES,
    "Accumulators": stages.ACCUMULATORS,
    "Expressions": expressions.PROBES,
    "Indexes": indexes.PROBES,
    "Collections": collections.PROBES,
    "Sessions and streams": sessions.PROBES,
    "Types": types.PROBES,
    "Administration": admin.PROBES,
}
