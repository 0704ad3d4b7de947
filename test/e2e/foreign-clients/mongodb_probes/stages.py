from .probing import Probes, same

STAGES = Probes()
ACCUMULATORS = Probes()

SALES = (
    {"_id": 1, "town": "Ulm", "n": 1, "tags": ["a", "b"], "boss": None},
    {"_id": 2, "town": "Ulm", "n": 2, "tags": ["b"], "boss": 1},
    {"_id": 3, "town": "Bonn", "n": 5, "tags": [], "boss": 2},
)

# A pipeline and its whole answer.
PIPELINES = {
    "`$match`": ([{"$match": {"n": 5}}, {"$project": {"n": 1}}], [{"_id": 3, "n": 5}]),
    "`$project`": ([{"$match": {"_id": 1}}, {"$project": {"town": 1, "_id": 0}}], [{"town": "Ulm"}]),
    "`$project` of expressions": (
        [{"$match": {"_id": 2}}, {"$project": {"twice": {"$multiply": ["$n", 2]}}}],
        [{"_id": 2, "twice": 4}],
    ),
    "`$sort`, `$skip` and `$limit`": (
        [{"$sort": {"n": -1}}, {"$skip": 1}, {"$limit": 1}, {"$project": {"n": 1}}],
        [{"_id": 2, "n": 2}],
    ),
    "`$group`": (
        [{"$group": {"_id": "$town", "sum": {"$sum": "$n"}}}, {"$sort": {"_id": 1}}],
        [{"_id": "Bonn", "sum": 5}, {"_id": "Ulm", "sum": 3}],
    ),
    "`$group` by several fields": (
        [{"$match": {"_id": 1}}, {"$group": {"_id": {"town": "$town", "n": "$n"}, "count": {"$sum": 1}}}],
        [{"_id": {"town": "Ulm", "n": 1}, "count": 1}],
    ),
    "`$count`": ([{"$count": "all"}], [{"all": 3}]),
    "`$unwind`": (
        [{"$unwind": "$tags"}, {"$project": {"tags": 1}}, {"$sort": {"_id": 1, "tags": 1}}],
        [{"_id": 1, "tags": "a"}, {"_id": 1, "tags": "b"}, {"_id": 2, "tags": "b"}],
    ),
    "`$unwind` with its options": (
        [
            {"$match": {"_id": 3}},
            {"$unwind": {"path": "$tags", "preserveNullAndEmptyArrays": True}},
            {"$project": {"n": 1}},
        ],
        [{"_id": 3, "n": 5}],
    ),
    "`$set` and `$addFields`": (
        [{"$match": {"_id": 1}}, {"$set": {"x": 1}}, {"$addFields": {"y": 2}}, {"$project": {"x": 1, "y": 1}}],
        [{"_id": 1, "x": 1, "y": 2}],
    ),
    "`$set` of expressions": (
        [{"$match": {"_id": 2}}, {"$set": {"x": {"$add": ["$n", 1]}}}, {"$project": {"x": 1}}],
        [{"_id": 2, "x": 3}],
    ),
    "`$unset`": ([{"$match": {"_id": 2}}, {"$unset": ["town", "tags", "boss"]}], [{"_id": 2, "n": 2}]),
    "`$replaceRoot`": ([{"$match": {"_id": 1}}, {"$replaceRoot": {"newRoot": {"a": "$n"}}}], [{"a": 1}]),
    "`$replaceWith`": ([{"$match": {"_id": 1}}, {"$replaceWith": {"a": "$n"}}], [{"a": 1}]),
    "`$sortByCount`": ([{"$sortByCount": "$town"}], [{"_id": "Ulm", "count": 2}, {"_id": "Bonn", "count": 1}]),
    "`$facet`": (
        [{"$facet": {"all": [{"$count": "n"}], "big": [{"$match": {"n": 5}}, {"$project": {"n": 1}}]}}],
        [{"all": [{"n": 3}], "big": [{"_id": 3, "n": 5}]}],
    ),
    "`$bucket`": (
        [{"$bucket": {"groupBy": "$n", "boundaries": [0, 3, 9]}}],
        [{"_id": 0, "count": 2}, {"_id": 3, "count": 1}],
    ),
    "`$bucketAuto`": (
        [{"$bucketAuto": {"groupBy": "$n", "buckets": 1}}],
        [{"_id": {"min": 1, "max": 5}, "count": 3}],
    ),
    "`$redact`": ([{"$redact": {"$cond": [{"$eq": ["$n", 5]}, "$$KEEP", "$$PRUNE"]}}, {"$count": "n"}], [{"n": 1}]),
    "`$setWindowFields`": (
        [
            {
                "$setWindowFields": {
                    "sortBy": {"_id": 1},
                    "output": {"run": {"$sum": "$n", "window": {"documents": ["unbounded", "current"]}}},
                }
            },
            {"$project": {"run": 1}},
        ],
        [{"_id": 1, "run": 1}, {"_id": 2, "run": 3}, {"_id": 3, "run": 8}],
    ),
    "`$densify`": ([{"$densify": {"field": "n", "range": {"step": 1, "bounds": "full"}}}, {"$count": "n"}], [{"n": 5}]),
    "`$fill`": (
        [{"$match": {"_id": 1}}, {"$fill": {"output": {"boss": {"value": 0}}}}, {"$project": {"boss": 1}}],
        [{"_id": 1, "boss": 0}],
    ),
    "`$sample`": ([{"$sample": {"size": 2}}, {"$count": "n"}], [{"n": 2}]),
    "`$limit` before `$group`": (
        [{"$sort": {"_id": 1}}, {"$limit": 2}, {"$group": {"_id": None, "sum": {"$sum": "$n"}}}],
        [{"_id": None, "sum": 3}],
    ),
}


def pipeline_probe(pipeline, expected):
    def probe(place):
        place.insert(*SALES)
        same(list(place.collection.aggregate(pipeline)), expected)

    return probe


for name, (pipeline, expected) in PIPELINES.items():
    STAGES.add(name, pipeline_probe(pipeline, expected))


@STAGES("`$lookup`")
def _(place):
    place.insert(*SALES)
    place.other().insert_many([{"_id": "Ulm", "land": "BW"}, {"_id": "Bonn", "land": "NRW"}])
    lookup = {"from": place.other().name, "localField": "town", "foreignField": "_id", "as": "of"}
    pipeline = [{"$match": {"_id": 3}}, {"$lookup": lookup}, {"$project": {"of": 1}}]
    same(list(place.collection.aggregate(pipeline)), [{"_id": 3, "of": [{"_id": "Bonn", "land": "NRW"}]}])


@STAGES("`$lookup` with a pipeline")
def _(place):
    place.insert(*SALES)
    place.other().insert_one({"_id": 1})
    lookup = {"from": place.other().name, "let": {"n": "$n"}, "pipeline": [{"$match": {}}], "as": "of"}
    pipeline = [{"$match": {"_id": 1}}, {"$lookup": lookup}, {"$project": {"of": 1}}]
    same(list(place.collection.aggregate(pipeline)), [{"_id": 1, "of": [{"_id": 1}]}])


@STAGES("`$graphLookup`")
def _(place):
    place.insert(*SALES)
    graph = {"from": place.name, "startWith": "$boss", "connectFromField": "boss", "connectToField": "_id", "as": "up"}
    [found] = place.collection.aggregate([{"$match": {"_id": 3}}, {"$graphLookup": graph}])
    same(sorted(one["_id"] for one in found["up"]), [1, 2])


@STAGES("`$unionWith`")
def _(place):
    place.insert(*SALES)
    place.other().insert_one({"_id": 9})
    same(list(place.collection.aggregate([{"$unionWith": place.other().name}, {"$count": "n"}])), [{"n": 4}])


@STAGES("`$out`")
def _(place):
    place.insert(*SALES)
    place.collection.aggregate([{"$match": {"n": 5}}, {"$out": place.other().name}])
    same(place.other().count_documents({}), 1)


@STAGES("`$merge`")
def _(place):
    place.insert(*SALES)
    place.collection.aggregate([{"$match": {"n": 5}}, {"$merge": {"into": place.other().name}}])
    same(place.other().count_documents({}), 1)


@STAGES("`$geoNear`")
def _(place):
    place.insert({"_id": 1, "at": {"type": "Point", "coordinates": [1, 1]}})
    place.collection.create_index([("at", "2dsphere")])
    near = {"near": {"type": "Point", "coordinates": [1, 1]}, "distanceField": "far"}
    same(len(list(place.collection.aggregate([{"$geoNear": near}]))), 1)


@STAGES("`$collStats`")
def _(place):
    place.insert(*SALES)
    [stats] = place.collection.aggregate([{"$collStats": {"count": {}}}])
    same(int(stats["count"]), 3)


@STAGES("`$indexStats`")
def _(place):
    place.insert(*SALES)
    same(len(list(place.collection.aggregate([{"$indexStats": {}}]))), 1)


@STAGES("`$documents`")
def _(place):
    same(list(place.database.aggregate([{"$documents": [{"n": 1}]}])), [{"n": 1}])


@STAGES("batches of an aggregation")
def _(place):
    place.insert(*({"_id": number} for number in range(300)))
    same(len(list(place.collection.aggregate([{"$match": {}}], batchSize=7))), 300)


@STAGES("map-reduce")
def _(place):
    place.insert(*SALES)
    answer = place.database.command(
        "mapReduce",
        place.name,
        map="function() { emit(this.town, this.n) }",
        reduce="function(key, values) { return Array.sum(values) }",
        out={"inline": 1},
    )
    same(len(answer["results"]), 2)


# What a group of all things answers.
GROUPS = {
    "`$sum`": ({"$sum": "$n"}, 8),
    "`$sum` of ones": ({"$sum": 1}, 3),
    "`$count`": ({"$count": {}}, 3),
    "`$avg`": ({"$avg": "$n"}, 8 / 3),
    "`$min`": ({"$min": "$n"}, 1),
    "`$max`": ({"$max": "$n"}, 5),
    "`$first`": ({"$first": "$n"}, 1),
    "`$last`": ({"$last": "$n"}, 5),
    "`$push`": ({"$push": "$n"}, [1, 2, 5]),
    "`$mergeObjects`": ({"$mergeObjects": {"n": "$n"}}, {"n": 5}),
    "`$stdDevPop`": ({"$stdDevPop": {"$literal": 1}}, 0.0),
    "`$firstN`": ({"$firstN": {"input": "$n", "n": 2}}, [1, 2]),
    "`$maxN`": ({"$maxN": {"input": "$n", "n": 1}}, [5]),
    "`$top`": ({"$top": {"sortBy": {"n": -1}, "output": "$n"}}, 5),
    "`$median`": ({"$median": {"input": "$n", "method": "approximate"}}, 2.0),
}


def group_probe(accumulator, expected):
    def probe(place):
        place.insert(*SALES)
        pipeline = [{"$sort": {"_id": 1}}, {"$group": {"_id": None, "value": accumulator}}]
        same(list(place.collection.aggregate(pipeline)), [{"_id": None, "value": expected}])

    return probe


for name, (accumulator, expected) in GROUPS.items():
    ACCUMULATORS.add(name, group_probe(accumulator, expected))


@ACCUMULATORS("`$addToSet`")
def _(place):
    place.insert(*SALES)
    [group] = place.collection.aggregate([{"$group": {"_id": None, "value": {"$addToSet": "$town"}}}])
    same(sorted(group["value"]), ["Bonn", "Ulm"])
