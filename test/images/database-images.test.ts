import { expect, test } from "vitest";
import { databaseImages } from "../../scripts/platform/images/database-images.ts";

test.each([
  ["none", []],
  ["postgresql-17", ["postgresql-17"]],
  ["redis", ["redis-7", "redis-8"]],
  ["redis-8,mysql,redis", ["redis-8", "mysql-9", "redis-7"]],
])("the wish %s is for %j", async (wish, images) => {
  expect(await databaseImages(wish)).toEqual(images);
});

test("all is every engine's images, and no server's", async () => {
  const all = await databaseImages("all");
  expect(all).toEqual([
    "mongodb-7",
    "mysql-9",
    "postgresql-15",
    "postgresql-17",
    "postgresql-18",
    "redis-7",
    "redis-8",
  ]);
});

test.each(["oracle", "", "redis,", "debian-12"])("the wish %j is refused with the names there are", async (wish) => {
  await expect(databaseImages(wish)).rejects.toThrow(/there is no database .*: all, none, or of .*postgresql-17/);
});
