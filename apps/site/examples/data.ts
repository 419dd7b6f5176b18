import {
  ColumnTransformer,
  DataLoader,
  type Dataset,
  Generator,
  loadCheckpoint,
  MinMaxScaler,
  OneHotEncoder,
  Pipeline,
  randomSplit,
  readCsv,
  readIdx,
  SimpleImputer,
  StandardScaler,
  Subset,
  saveCheckpoint,
  TensorDataset,
  tensor,
  WeightedRandomSampler,
  zeros,
} from "thalweg";

{
  // #region loader
  const inputs = tensor([[1], [2], [3], [4], [5]]);
  const targets = tensor([3, 5, 7, 9, 11]);
  const dataset = new TensorDataset(inputs, targets);
  const loader = new DataLoader(dataset, { batchSize: 2, shuffle: true });
  loader.length; // → 3

  const sizes: number[] = [];
  for (const [x, y] of loader) sizes.push(x.shape[0]! * y.ndim);
  sizes; // → [2,2,1]
  // #endregion loader

  // #region split
  const [train, test] = randomSplit(dataset, [0.8, 0.2], {
    generator: new Generator(1),
  });
  [train.length, test.length]; // → [4,1]
  const [x] = test.batch();
  x.shape; // → [1,1]
  new Subset(dataset, [0, 4]).batch()[1].toArray(); // → [3,11]
  // #endregion split
}

{
  // #region dataset
  const texts = ["good", "bad", "very good"];
  const dataset: Dataset<{ letters: number[]; text: string }> = {
    length: texts.length,
    get: (index) => {
      const text = texts[index]!;
      const letters = [...text.padEnd(9)].map((letter) =>
        letter.charCodeAt(0),
      );
      return { letters, text };
    },
  };
  for (const batch of new DataLoader(dataset, { batchSize: 3 })) {
    batch.letters.map((letter) => letter.shape[0]); // → [3,3,3,3,3,3,3,3,3]
    batch.text; // → ["good","bad","very good"]
  }
  // #endregion dataset
}

{
  // #region async
  const images: Dataset<
    Promise<{ pixels: Float32Array; label: number }>
  > = {
    length: 4,
    get: async (index) => ({
      pixels: new Float32Array(9).fill(index),
      label: index % 2,
    }),
  };
  const loader = new DataLoader(images, { batchSize: 2, prefetch: 2 });
  for await (const { pixels, label } of loader) {
    pixels.shape; // → [2,9]
    label.toArray(); // → [0,1]
  }
  // #endregion async
}

{
  // #region csv
  const text =
    "age;city;height\n31;Graz;1,80\n;Wien;1,65\n54;Graz;1,71\n";
  const table = readCsv(text, {
    delimiter: ";",
    decimal: ",",
    missing: "mean",
    categories: ["city"],
  });
  table.rows; // → 3
  table.column("age").toArray(); // → [31,42.5,54]
  table.column("city").toArray(); // → [0,1,0]
  table.categories.city; // → ["Graz","Wien"]
  table.select(["age", "height"]).shape; // → [3,2]
  // #endregion csv
}

{
  // #region prepare
  const text = "age,city\n20,Graz\n,Wien\n40,Graz\n50,Linz\n";
  const table = readCsv(text, {
    missing: "keep",
    categories: ["city"],
  });
  const ages = new Pipeline(new SimpleImputer(), new MinMaxScaler());
  const cities = new OneHotEncoder({ handleUnknown: "ignore" });
  const columns = new ColumnTransformer([
    [ages, table.positions(["age"])],
    [cities, table.positions(["city"])],
  ]);

  const train = table.data.slice([0, 3]);
  const test = table.data.slice([3, 4]);
  columns.fit(train);
  columns.transform(train).toArray(); // → [[0,1,0],[0.5,0,1],[1,1,0]]
  columns.transform(test).toArray(); // → [[1.5,0,0]]
  // #endregion prepare

  // #region targets
  const prices = tensor([[200], [300], [400]]);
  const scaler = new StandardScaler().fit(prices);
  scaler.mean; // → [300]
  const prediction = tensor([[0]]);
  scaler.inverseTransform(prediction).toArray(); // → [[300]]

  const bytes = await saveCheckpoint({ columns, scaler });
  const loaded = { scaler: new StandardScaler() };
  await loadCheckpoint(bytes, loaded);
  loaded.scaler.mean; // → [300]
  // #endregion targets
}

{
  // #region idx
  const bytes = new Uint8Array([
    0, 0, 0x08, 2, 0, 0, 0, 1, 0, 0, 0, 2, 255, 0,
  ]);
  const pixels = readIdx(bytes);
  pixels.dtype; // → "int32"
  pixels.to("float32").div(255).toArray(); // → [[1,0]]
  // #endregion idx
}

{
  // #region sampler
  const dataset = new TensorDataset(zeros([4, 2]), tensor([0, 0, 0, 1]));
  const sampler = new WeightedRandomSampler([1, 1, 1, 3], 8);
  const loader = new DataLoader(dataset, { batchSize: 8, sampler });
  loader.length; // → 1
  // #endregion sampler

  // #region position
  const whole = new DataLoader([0, 1, 2, 3], {
    shuffle: true,
    generator: new Generator(5),
  });
  const rest = new DataLoader([0, 1, 2, 3], {
    shuffle: true,
    generator: new Generator(0),
  });
  const seen: number[] = [];
  for (const example of whole) {
    seen.push(example.item());
    if (seen.length === 2) rest.loadStateDict(whole.stateDict());
  }
  const later = [...rest].map((example) => example.item());
  String([...seen.slice(0, 2), ...later]) === String(seen); // → true
  // #endregion position
}
