import MiniSearch from "minisearch";
import { expect, test } from "vitest";
import { addTo, type Index } from "../src/search/merge";
import { apart, apartInPage, wordsOf } from "../src/search/words";

const options = { fields: ["title", "text"], storeFields: ["title"] };

function indexOf(pages: Record<string, string>): Index {
  const index = new MiniSearch(options);
  for (const [id, text] of Object.entries(pages)) index.add({ id, title: id.slice(1), text });
  return index.toJSON() as unknown as Index;
}

test("documents of another index are found with one's own", () => {
  const own = indexOf({ "/zh/loop": "tensor loop", "/zh/data": "loader" });
  const other = indexOf({ "/guide": "tensor", "/api/tensor": "a tensor of numbers", "/api/adam": "moments" });
  const all = addTo(own, other, (id) => id.startsWith("/api/"));
  const found = (query: string) => MiniSearch.loadJSON(JSON.stringify(all), options).search(query);
  expect(found("tensor").map(({ id }) => id)).toEqual(expect.arrayContaining(["/zh/loop", "/api/tensor"]));
  expect(found("tensor").length).toBe(2);
  expect(found("moments")).toMatchObject([{ id: "/api/adam", title: "api/adam" }]);
  expect(found("loader")).toMatchObject([{ id: "/zh/data" }]);
  // An index of all of them in one is the same but for the order of its numbers.
  const whole = indexOf({
    "/zh/loop": "tensor loop",
    "/zh/data": "loader",
    "/api/tensor": "a tensor of numbers",
    "/api/adam": "moments",
  });
  const { averageFieldLength, documentCount, nextId } = whole;
  expect(all).toMatchObject({ averageFieldLength, documentCount, nextId });
});

test("Chinese words are apart, and nothing else is", () => {
  expect(apart("训练循环 loss 梯度").split(/\s/)).toEqual(["训练", "循环", "loss", "梯度"]);
  expect(wordsOf("保存训练，loss")).toEqual(["保存", "训练", "loss"]);
  expect(apartInPage('<a href="#训练循环">训练循环</a>')).toBe('<a href="#训练循环">训练\u200A循环</a>');
});
