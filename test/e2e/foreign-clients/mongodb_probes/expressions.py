from datetime import datetime

from .probing import Probes, same

PROBES = Probes()

AT = datetime(2024, 2, 29, 12, 30)
THING = {"n": 7, "m": -2.5, "text": "Ada Lovelace", "list": [3, 1, 2], "at": AT, "of": {"a": 1}}

# Expressions over the thing, and their values.
EXPRESSIONS = {
    "fields: `\"$of.a\"`": ("$of.a", 1),
    "variables: `$$ROOT`": ("$$ROOT.n", 7),
    "`$literal`": ({"$literal": "$n"}, "$n"),
    "`$type`": ({"$type": "$n"}, "int"),
    "`$sum`": ({"$sum": ["$n", 1]}, 8),
    "`$add`": ({"$add": ["$n", 1]}, 8),
    "`$subtract`": ({"$subtract": ["$n", 1]}, 6),
    "`$multiply`": ({"$multiply": ["$n", 2]}, 14),
    "`$divide`": ({"$divide": ["$n", 2]}, 3.5),
    "`$mod`": ({"$mod": ["$n", 4]}, 3),
    "`$abs`": ({"$abs": "$m"}, 2.5),
    "`$ceil`": ({"$ceil": "$m"}, -2.0),
    "`$floor`": ({"$floor": "$m"}, -3.0),
    "`$round`": ({"$round": ["$m", 0]}, -2.0),
    "`$sqrt`": ({"$sqrt": {"$literal": 9}}, 3.0),
    "`$pow`": ({"$pow": ["$n", 2]}, 49),
    "`$concat`": ({"$concat": ["$text", "!"]}, "Ada Lovelace!"),
    "`$toUpper`": ({"$toUpper": "$text"}, "ADA LOVELACE"),
    "`$toLower`": ({"$toLower": "$text"}, "ada lovelace"),
    "`$substrCP`": ({"$substrCP": ["$text", 0, 3]}, "Ada"),
    "`$strLenCP`": ({"$strLenCP": "$text"}, 12),
    "`$split`": ({"$split": ["$text", " "]}, ["Ada", "Lovelace"]),
    "`$trim`": ({"$trim": {"input": " a "}}, "a"),
    "`$indexOfCP`": ({"$indexOfCP": ["$text", "L"]}, 4),
    "`$regexMatch`": ({"$regexMatch": {"input": "$text", "regex": "^Ada"}}, True),
    "`$replaceOne`": ({"$replaceOne": {"input": "$text", "find": "Ada", "replacement": "A."}}, "A. Lovelace"),
    "`$eq`": ({"$eq": ["$n", 7]}, True),
    "`$gt`": ({"$gt": ["$n", 7]}, False),
    "`$cmp`": ({"$cmp": ["$n", 9]}, -1),
    "`$and`": ({"$and": [True, "$n"]}, True),
    "`$or`": ({"$or": [False, "$n"]}, True),
    "`$not`": ({"$not": ["$n"]}, False),
    "`$cond`": ({"$cond": [{"$gt": ["$n", 5]}, "big", "small"]}, "big"),
    "`$ifNull`": ({"$ifNull": ["$none", "-"]}, "-"),
    "`$switch`": ({"$switch": {"branches": [{"case": {"$eq": ["$n", 7]}, "then": "seven"}], "default": ""}}, "seven"),
    "`$size`": ({"$size": "$list"}, 3),
    "`$arrayElemAt`": ({"$arrayElemAt": ["$list", -1]}, 2),
    "`$first` of an array": ({"$first": "$list"}, 3),
    "`$slice`": ({"$slice": ["$list", 2]}, [3, 1]),
    "`$filter`": ({"$filter": {"input": "$list", "as": "one", "cond": {"$gt": ["$$one", 1]}}}, [3, 2]),
    "`$map`": ({"$map": {"input": "$list", "as": "one", "in": {"$add": ["$$one", 1]}}}, [4, 2, 3]),
    "`$reduce`": ({"$reduce": {"input": "$list", "initialValue": 0, "in": {"$add": ["$$value", "$$this"]}}}, 6),
    "`$in`": ({"$in": [2, "$list"]}, True),
    "`$concatArrays`": ({"$concatArrays": ["$list", [9]]}, [3, 1, 2, 9]),
    "`$sortArray`": ({"$sortArray": {"input": "$list", "sortBy": 1}}, [1, 2, 3]),
    "`$isArray`": ({"$isArray": "$list"}, True),
    "`$range`": ({"$range": [0, 3]}, [0, 1, 2]),
    "`$setUnion`": ({"$size": {"$setUnion": ["$list", [1, 9]]}}, 4),
    "`$mergeObjects`": ({"$mergeObjects": ["$of", {"b": 2}]}, {"a": 1, "b": 2}),
    "`$objectToArray`": ({"$objectToArray": "$of"}, [{"k": "a", "v": 1}]),
    "`$arrayToObject`": ({"$arrayToObject": [[["a", 1]]]}, {"a": 1}),
    "`$getField`": ({"$getField": {"field": "a", "input": "$of"}}, 1),
    "`$let`": ({"$let": {"vars": {"x": "$n"}, "in": {"$add": ["$$x", 1]}}}, 8),
    "`$toString`": ({"$toString": "$n"}, "7"),
    "`$toInt`": ({"$toInt": "$m"}, -2),
    "`$convert`": ({"$convert": {"input": "7", "to": "int"}}, 7),
    "`$year`": ({"$year": "$at"}, 2024),
    "`$dateToString`": ({"$dateToString": {"date": "$at", "format": "%Y-%m-%d"}}, "2024-02-29"),
    "`$dateAdd`": ({"$dateAdd": {"startDate": "$at", "unit": "day", "amount": 1}}, datetime(2024, 3, 1, 12, 30)),
    "`$dateTrunc`": ({"$dateTrunc": {"date": "$at", "unit": "month"}}, datetime(2024, 2, 1)),
    "`$dateDiff`": ({"$dateDiff": {"startDate": "$at", "endDate": "$at", "unit": "day"}}, 0),
    "`$function`": ({"$function": {"body": "function(n) { return n }", "args": ["$n"], "lang": "js"}}, 7),
}


def probe_of(expression, expected):
    def probe(place):
        place.insert({"_id": 1, **THING})
        [found] = place.collection.aggregate([{"$project": {"value": expression}}])
        same(found.get("value"), expected)

    return probe


for name, (expression, expected) in EXPRESSIONS.items():
    PROBES.add(name, probe_of(expression, expected))
