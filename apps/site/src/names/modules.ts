import { type Entries, type Entry, instead, type Names, type Note, other } from "./entry";

const loss = (name: Parameters<typeof other>[0]): Entry =>
  other(name, [
    "a function, `(input, target, options)`; there is no module",
    "是函数 `(input, target, options)`，没有对应的模块",
  ]);

const body: Note = ["takes a function instead of a `with` block", "接受一个函数，而不是 `with` 语句块"];
const oneTensor: Note = ["of a function from one tensor to one tensor", "针对从单个张量到单个张量的函数"];
const byName: Note = ["by the names of parameters, not by position", "以参数名而不是位置为键"];
const mode = instead("`noGrad` or `enableGrad`", "`noGrad` 或 `enableGrad`");
const moved = (to: string) => instead(`\`model.to("${to}")\``);
const noIndices: Note = ["returns no indices", "不返回位置"];
const likeMap: Note = ["with the methods of a `Map`", "具有 `Map` 的方法"];
const noHermitian: Note = ["has no `hermitian`", "没有 `hermitian`"];
const lambda = instead("`LambdaLR`");
const arrays: Note = ["of typed arrays, not of tensors", "针对类型化数组，而不是张量"];
const parameters: Note = [
  "takes one object, `{ probs }` or `{ logits }`",
  "参数是一个对象，`{ probs }` 或 `{ logits }`",
];
const byRows: Note = [
  "a process for each rank; ranks are weighted by their rows",
  "每个 rank 一个进程；各 rank 按行数加权",
];
const processes: Entry = instead(
  "`DataParallel` of `@thalweg/distributed`, with a process for each part",
  "`@thalweg/distributed` 的 `DataParallel`，每一份由一个进程计算",
);

/** Everything but functions of tensors. */
export const modules: { readonly [A in keyof Names]?: Entries<keyof Names[A]> } = {
  torch: {
    enable_grad: other("enableGrad", body),
    inference_mode: other("noGrad", body),
    no_grad: other("noGrad", body),
  },
  autograd: {
    Function: other("defineFunction", [
      "an object with `forward` and `backward`; what both need is passed on by the library",
      "以对象给出 `forward` 与 `backward`；两者所需的输入与输出由库传入",
    ]),
    backward: other("Tensor.backward", ["of one tensor", "针对单个张量"]),
    detect_anomaly: other("detectAnomaly", body),
    enable_grad: other("enableGrad", body),
    grad: other("grad", [
      "one input gives one tensor, an array gives an array",
      "一个输入得到一个张量，数组得到数组",
    ]),
    gradcheck: other("gradcheck", [
      "in `@thalweg/testing`; compares element by element, and reports kinks",
      "在 `@thalweg/testing` 中；逐元素比较并报告不可导点",
    ]),
    gradgradcheck: other("gradgradcheck", ["in `@thalweg/testing`", "在 `@thalweg/testing` 中"]),
    inference_mode: other("noGrad", body),
    no_grad: other("noGrad", body),
    set_detect_anomaly: other("detectAnomaly", body),
    set_grad_enabled: mode,
  },
  "nn.functional": {
    unfold: other("im2col"),
  },
  linalg: {
    diagonal: other("diagonal", [
      "of the first two dimensions unless `dim1` and `dim2` are given",
      "默认取前两维，除非给出 `dim1` 与 `dim2`",
    ]),
    eigh: other("linalg.eigh", [
      "returns an object, `{ eigenvalues, eigenvectors }`; `UPLO` is an option",
      "返回对象 `{ eigenvalues, eigenvectors }`；`UPLO` 是选项",
    ]),
    eigvalsh: other("linalg.eigvalsh", ["`UPLO` is an option", "`UPLO` 是选项"]),
    lstsq: other("linalg.lstsq", [
      "returns an object, with `singularValues`; `rcond` is an option, and there is no `driver`",
      "返回对象，含 `singularValues`；`rcond` 是选项，没有 `driver`",
    ]),
    matrix_rank: other("linalg.matrixRank", noHermitian),
    pinv: other("linalg.pinv", noHermitian),
  },
  "autograd.functional": {
    hessian: other("hessian", oneTensor),
    hvp: other("hvp", oneTensor),
    jacobian: other("jacobian", oneTensor),
    jvp: other("jvp", oneTensor),
    vhp: other("hvp", ["the Hessian is symmetric", "黑塞矩阵是对称的"]),
    vjp: other("vjp", oneTensor),
  },
  nn: {
    AdaptiveMaxPool1d: other("AdaptiveMaxPool1d", noIndices),
    AdaptiveMaxPool2d: other("AdaptiveMaxPool2d", noIndices),
    BCELoss: loss("binaryCrossEntropy"),
    BCEWithLogitsLoss: loss("binaryCrossEntropyWithLogits"),
    CTCLoss: loss("ctcLoss"),
    CosineEmbeddingLoss: loss("cosineEmbeddingLoss"),
    CrossEntropyLoss: loss("crossEntropy"),
    DataParallel: other("DataParallel", byRows),
    Embedding: other("Embedding", [
      "gradients are dense; no `scale_grad_by_freq`",
      "梯度是稠密的；没有 `scale_grad_by_freq`",
    ]),
    EmbeddingBag: other("EmbeddingBag", [
      "offsets and weights are options of `forward`; gradients are dense",
      "offsets 与权重是 `forward` 的选项；梯度是稠密的",
    ]),
    GaussianNLLLoss: loss("gaussianNllLoss"),
    HingeEmbeddingLoss: loss("hingeEmbeddingLoss"),
    HuberLoss: loss("huberLoss"),
    KLDivLoss: loss("klDiv"),
    L1Loss: loss("l1Loss"),
    LogSoftmax: other("LogSoftmax", ["the dimension must be given", "必须指定维度"]),
    MSELoss: loss("mseLoss"),
    MarginRankingLoss: loss("marginRankingLoss"),
    MaxPool1d: other("MaxPool1d", noIndices),
    MaxPool2d: other("MaxPool2d", noIndices),
    Module: other("Module", ["called as `model.forward(x)`", "以 `model.forward(x)` 调用"]),
    ModuleDict: other("ModuleDict", likeMap),
    MultiLabelMarginLoss: loss("multilabelMarginLoss"),
    MultiLabelSoftMarginLoss: loss("multilabelSoftMarginLoss"),
    MultiMarginLoss: loss("multiMarginLoss"),
    NLLLoss: loss("nllLoss"),
    ParameterDict: other("ParameterDict", likeMap),
    PoissonNLLLoss: loss("poissonNllLoss"),
    Sequential: other("Sequential", [
      "of layers by position; parts have the types of their layers",
      "按位置排列的层；各部分保留各层的类型",
    ]),
    SmoothL1Loss: loss("smoothL1Loss"),
    SoftMarginLoss: loss("softMarginLoss"),
    Softmax: other("Softmax", ["the dimension must be given", "必须指定维度"]),
    SyncBatchNorm: other("SyncBatchNorm1d", [
      "and `SyncBatchNorm2d`; `syncBatchNorm` of `DataParallel` is for a whole model",
      "还有 `SyncBatchNorm2d`；整个模型可用 `DataParallel` 的 `syncBatchNorm`",
    ]),
    TransformerEncoder: instead("several `TransformerEncoderLayer`", "若干个 `TransformerEncoderLayer`"),
    TripletMarginLoss: loss("tripletMarginLoss"),
    TripletMarginWithDistanceLoss: loss("tripletMarginWithDistanceLoss"),
    Unflatten: instead("`reshape` in `forward`", "在 `forward` 中用 `reshape`"),
  },
  "nn.Module": {
    add_module: other("Module.registerModule"),
    children: other("Module.namedChildren", ["with names", "带名字"]),
    cpu: moved("cpu"),
    cuda: moved("webgpu"),
    double: moved("float64"),
    float: moved("float32"),
    forward: other("Module.forward", ["is called directly; there are no hooks", "直接调用；没有钩子"]),
    get_parameter: instead("the property, or `namedParameters()`", "直接取属性，或 `namedParameters()`"),
    get_submodule: instead("the property, or `namedModules()`", "直接取属性，或 `namedModules()`"),
    get_buffer: instead("the property, or `namedBuffers()`", "直接取属性，或 `namedBuffers()`"),
    load_state_dict: other("Module.loadStateDict", [
      "checks everything before it writes anything",
      "先全部检查，再写入",
    ]),
    register_buffer: other("Module.registerBuffer", ["always saved", "总会保存"]),
    register_module: other("Module.registerModule", [
      "protected; assigning does the same",
      "受保护成员；赋值即可",
    ]),
    register_parameter: other("Module.registerParameter", [
      "protected; assigning does the same",
      "受保护成员；赋值即可",
    ]),
    extra_repr: other("Module.extraRepr", ["protected", "受保护成员"]),
    to: other("Module.to", [
      'a type or a device: `"float64"`, `"webgpu"`',
      '类型或设备：`"float64"`、`"webgpu"`',
    ]),
    type: other("Module.to"),
  },
  "nn.init": {
    constant: other("init.constant_"),
    eye_: instead("`weight.copy_(eye(n))` in `noGrad`", "在 `noGrad` 中 `weight.copy_(eye(n))`"),
    kaiming_normal: other("init.kaimingNormal_"),
    kaiming_uniform: other("init.kaimingUniform_"),
    normal: other("init.normal_"),
    orthogonal: other("init.orthogonal_"),
    uniform: other("init.uniform_"),
    xavier_normal: other("init.xavierNormal_"),
    xavier_uniform: other("init.xavierUniform_"),
  },
  "nn.utils": {
    clip_grad_norm: other("clipGradNorm_"),
    parameters_to_vector: instead("`cat` of the flattened parameters", "对展平后的参数用 `cat`"),
  },
  "nn.parallel": {
    DataParallel: other("DataParallel", byRows),
    DistributedDataParallel: other("DataParallel", byRows),
    data_parallel: processes,
    gather: processes,
    parallel_apply: processes,
    scatter: processes,
  },
  optim: {
    Optimizer: other("Optimizer", [
      "`defineOptimizer` makes a class from an update rule",
      "用 `defineOptimizer` 由更新规则定义",
    ]),
    SparseAdam: instead("`Adam`: gradients are dense", "`Adam`：梯度是稠密的"),
  },
  "optim.Optimizer": {
    load_state_dict: other("Optimizer.loadStateDict", byName),
    state_dict: other("Optimizer.stateDict", byName),
    step: other("Optimizer.step", [
      "a closure is for L-BFGS and rules like it",
      "闭包用于 L-BFGS 一类的方法",
    ]),
  },
  "optim.lr_scheduler": {
    ConstantLR: lambda,
    LambdaLR: other("LambdaLR", [
      "functions are not saved; give the same again",
      "函数不会保存，恢复时需再次给出",
    ]),
    MultiplicativeLR: lambda,
    PolynomialLR: lambda,
    ChainedScheduler: instead("call `step` of each", "逐个调用 `step`"),
  },
  "utils.data": {
    BatchSampler: instead("`batchSize` of the `DataLoader`", "`DataLoader` 的 `batchSize`"),
    DataLoader: other("DataLoader", [
      "has no workers; `prefetch` batches are loaded ahead; has a state dict",
      "没有工作进程；`prefetch` 指定预取的批数；有状态字典",
    ]),
    Dataset: other("Dataset", [
      "an interface: `length`, `get(index)`, optionally `batch(indices)`; arrays are datasets, too",
      "是接口：`length`、`get(index)`，可选 `batch(indices)`；数组也是数据集",
    ]),
    DistributedSampler: other("shard", [
      "each epoch has the next order by itself; there is no `set_epoch`",
      "每一轮自动换用新的顺序，没有 `set_epoch`",
    ]),
    RandomSampler: instead("`shuffle: true`"),
    Sampler: other("Sampler", [
      "an interface: `length` and `indices(generator)`",
      "是接口：`length` 与 `indices(generator)`",
    ]),
    SequentialSampler: instead("the order unless given otherwise", "默认顺序"),
    SubsetRandomSampler: instead("`Subset`, with `shuffle: true`", "`Subset`，加 `shuffle: true`"),
    default_collate: other("collate"),
    random_split: other("randomSplit", [
      "takes sizes or shares, and a generator as an option",
      "接受大小或比例，生成器是选项",
    ]),
  },
  "utils.checkpoint": {
    checkpoint: other("checkpoint", ["of a function of tensors", "接受张量的函数"]),
    checkpoint_sequential: instead("`checkpoint` of each part", "对每一段用 `checkpoint`"),
  },
  distributed: {
    ReduceOp: instead('a text: `"sum"`, `"max"` or `"min"`', '字符串：`"sum"`、`"max"` 或 `"min"`'),
    all_gather: other("Communicator.allGather", arrays),
    all_gather_into_tensor: other("Communicator.allGather", arrays),
    all_reduce: other("Communicator.allReduce", [
      "of typed arrays; `startAllReduce` is the asynchronous one",
      "针对类型化数组；异步的是 `startAllReduce`",
    ]),
    broadcast: other("Communicator.broadcast", arrays),
    destroy_process_group: other("Communicator.close"),
    get_rank: other("Communicator.rank", ["a property", "是属性"]),
    get_world_size: other("Communicator.size", ["a property", "是属性"]),
    init_process_group: other("init", [
      "over MPI, whose launcher knows the ranks",
      "使用 MPI，rank 由它的启动器给出",
    ]),
    monitored_barrier: other("Communicator.barrier", [
      "every collective has a timeout",
      "每个集合操作都有时限",
    ]),
    reduce: instead("`Communicator.allReduce`"),
    reduce_scatter: other("Communicator.reduceScatter", arrays),
    reduce_scatter_tensor: other("Communicator.reduceScatter", arrays),
    set_debug_level: instead("the option `debug` of `init`", "`init` 的选项 `debug`"),
  },
  distributions: {
    Bernoulli: other("Bernoulli", parameters),
    Categorical: other("Categorical", parameters),
  },
  profiler: {
    profile: other("profile", ["takes a function, and returns a table", "接受一个函数，返回表格"]),
    tensorboard_trace_handler: instead(
      "`profile(...).trace()`, for Chrome's tracing viewer",
      "`profile(...).trace()`，可在 Chrome 的 tracing 页面查看",
    ),
  },
};
