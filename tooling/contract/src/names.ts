/** Words of a text, one name each. */
const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== "");

/** Functions of the tensor package that make tensors, or are about the library as a whole. */
const makers = words(`
  tensor zeros ones full empty eye arange linspace rand randn randint randperm bernoulli
  zerosLike onesLike fullLike randLike randnLike manualSeed Generator cat stack where einsum outer
  pointwise maximum minimum setDefaultDevice setThreads memoryStats profile`);

const properties = words("shape strides offset ndim size dtype device requiresGrad grad isLeaf");

/** Methods of tensors that are also functions of the same name. */
const methods = words(`
  isContiguous item toArray dataSync data to clone contiguous detach
  reshape permute transpose squeeze unsqueeze flatten expand flip narrow select slice split chunk unbind
  diagonal unfold repeat tile roll pad tril triu
  add sub mul div pow neg abs sign exp expm1 log log1p log2 log10 sqrt rsqrt square reciprocal sin cos tan
  asin acos atan atan2 sinh cosh tanh erf floor ceil round trunc clamp remainder lerp maximum minimum sigmoid
  relu relu6 leakyRelu elu selu celu gelu silu mish softplus softsign hardtanh hardsigmoid hardswish logSigmoid
  eq ne lt le gt ge logicalAnd logicalOr logicalNot isNaN isFinite where maskedFill
  sum mean prod max min amax amin var std norm logsumexp any all argmax argmin cumsum cumprod sort topk
  softmax logSoftmax matmul dot bmm gather scatterAdd indexSelect oneHot embedding
  add_ sub_ mul_ div_ fill_ zero_ copy_ clamp_`);

const methodsOnly = words("toString backward retainGrad registerHook");

/** Functions of tensors: as in PyTorch, which keeps them apart from the methods. */
const functions = words(`
  conv1d conv2d convTranspose2d maxPool1d maxPool2d avgPool1d avgPool2d adaptiveAvgPool2d layerNorm batchNorm
  groupNorm scaledDotProductAttention`);

const errors = words("ShapeError DTypeError DeviceError GradientError IndexError ThalwegError");

/** What the packages export, by their names. */
export const exported: Readonly<Record<string, readonly string[]>> = {
  "@thalweg/tensor": [...new Set([...makers, ...methods, ...functions, ...errors, "Tensor"])],
  "@thalweg/tensor/webgpu": ["initWebGPU"],
  "@thalweg/autograd": words(`
    noGrad enableGrad grad valueAndGrad vjp jvp jacobian hessian hvp checkpoint defineFunction detectAnomaly
    toMermaid toDot`),
  "@thalweg/nn": words(`
    Module Parameter Sequential ModuleList Identity Flatten Linear Bilinear Embedding Conv1d Conv2d
    ConvTranspose2d MaxPool1d MaxPool2d AvgPool1d AvgPool2d AdaptiveAvgPool2d BatchNorm1d BatchNorm2d LayerNorm
    GroupNorm RMSNorm Dropout RNN LSTM GRU MultiheadAttention TransformerEncoderLayer init
    Sigmoid ReLU ReLU6 LeakyReLU ELU SELU CELU GELU SiLU Mish Softplus Softsign Hardtanh Hardsigmoid Hardswish
    LogSigmoid Tanh Softmax LogSoftmax`),
  "@thalweg/losses": words(`
    mseLoss l1Loss smoothL1Loss huberLoss crossEntropy nllLoss binaryCrossEntropy binaryCrossEntropyWithLogits
    klDiv hingeEmbeddingLoss marginRankingLoss cosineEmbeddingLoss tripletMarginLoss poissonNllLoss
    gaussianNllLoss`),
  "@thalweg/optim": words(`
    defineOptimizer registerOptimizer createOptimizer SGD Adagrad RMSprop Adadelta Adam AdamW Adamax NAdam RAdam
    Lion LAMB Muon LBFGS clipGradNorm_ clipGradValue_ LambdaLR StepLR MultiStepLR ExponentialLR LinearLR
    CosineAnnealingLR CosineAnnealingWarmRestarts OneCycleLR CyclicLR SequentialLR ReduceLROnPlateau`),
  "@thalweg/data": words("TensorDataset DataLoader randomSplit readCsv readIdx"),
  "@thalweg/io": words("saveSafetensors loadSafetensors saveCheckpoint loadCheckpoint"),
  "@thalweg/testing": words(`
    gradcheck gradgradcheck shapes tensors broadcastable layouts optimizerLaws backendConformance`),
};

const schedulers = exported["@thalweg/optim"]!.filter((name) => /LR|WarmRestarts/.test(name));

/** Members of what the packages export. */
export const members: Readonly<Record<string, readonly string[]>> = {
  "@thalweg/tensor Tensor": [...properties, ...methods, ...methodsOnly],
  "@thalweg/nn Module": words(`
    parameters namedParameters buffers stateDict loadStateDict train eval to zeroGrad apply`),
  "@thalweg/nn init": words(`
    uniform_ normal_ constant_ zeros_ ones_ xavierUniform_ xavierNormal_ kaimingUniform_ kaimingNormal_
    orthogonal_`),
  ...Object.fromEntries(
    schedulers.map((name) => [`@thalweg/optim ${name}`, words("step getLastLr stateDict loadStateDict")]),
  ),
};
