import type { LibraryHandle } from "koffi";
import { DistributedError } from "../distributed-error";
import { type ABI, type Handle, mpich, openMPI, standard } from "./abi";
import { waitUntil } from "./patience";

type Koffi = typeof import("koffi");

/** The parameters of each function, after the types of C: p is a pointer, i an int, h a handle. */
const functions = {
  MPI_Init_thread: "ppip",
  MPI_Finalize: "",
  MPI_Abort: "hi",
  MPI_Comm_dup: "hp",
  MPI_Comm_rank: "hp",
  MPI_Comm_size: "hp",
  MPI_Comm_set_errhandler: "hh",
  MPI_Error_string: "ipp",
  MPI_Test: "ppp",
  MPI_Iallreduce: "ppihhhp",
  MPI_Ibcast: "pihihp",
  MPI_Iallgather: "pihpihhp",
  MPI_Iallgatherv: "pihppphhp",
  MPI_Ialltoallv: "ppphppphhp",
  MPI_Ireduce: "ppihhihp",
  MPI_Ireduce_scatter_block: "ppihhhp",
} as const;

type Name = keyof typeof functions;

/** What a function takes: memory or its address, a number, a handle. */
export type Argument = ArrayBufferView | Handle;

type Functions = Readonly<Record<Name, (...args: Argument[]) => number>>;

/** A library without the functions of MPI that are needed, or of an unknown kind. */
export class ForeignLibraryError extends Error {}

/** `MPI_THREAD_FUNNELED`, in all implementations. */
const funneled = 1;

/** Long enough for the texts of all implementations. */
const longestText = 8192;

/** Something that MPI does, with the memory that it needs for that. */
export class Request {
  constructor(
    /** The request of MPI. */
    readonly handle: Int32Array | BigInt64Array,
    /** Memory that MPI may read or write until the request is done. */
    readonly memory: readonly Argument[],
  ) {}
}

/** The functions of a library of MPI. */
export class Binding {
  /** Name and version of the implementation, such as "Open MPI 4.1.4". */
  readonly version: string;
  readonly abi: ABI;
  readonly #functions: Functions;
  /** Lets other processes of the core go first. */
  readonly #giveWay: () => void;
  readonly #flag = new Int32Array(1);
  /** Requests that were given up, whose memory MPI may still write to. */
  readonly #abandoned: Request[] = [];

  /** @throws ForeignLibraryError when it is no library of MPI. */
  constructor(koffi: Koffi, library: LibraryHandle) {
    this.version = versionOf(library);
    this.abi = abiOf(koffi, library, this.version);
    this.#giveWay = koffi.load(null).func("sched_yield", "int", []);
    const types = { p: "void *", i: "int", h: this.abi.handle };
    const declare = (name: Name) => {
      const parameters = Array.from(functions[name], (letter) => types[letter as keyof typeof types]);
      return [name, library.func(name, "int", parameters)] as const;
    };
    const names = Object.keys(functions) as Name[];
    this.#functions = Object.fromEntries(names.map(declare)) as unknown as Functions;
  }

  /**
   * Calls a function of MPI.
   *
   * @throws DistributedError when it fails, with the text of MPI.
   */
  call(op: string, name: Name, ...args: Argument[]): void {
    const code = this.#functions[name](...args);
    if (code !== 0) throw new DistributedError(op, `${name} failed, ${this.#textOf(code)}`);
  }

  /** Starts a collective; `args` are all arguments but the last. */
  start(op: string, name: Name, ...args: Argument[]): Request {
    const handle = this.#newHandle();
    this.call(op, name, ...args, handle);
    return new Request(handle, args);
  }

  /**
   * Waits for requests.
   *
   * @param timeout in seconds
   * @throws DistributedError when they take longer
   */
  wait(op: string, requests: readonly Request[], timeout: number): void {
    const { statusIgnore } = this.abi;
    for (const { handle } of requests) {
      const test = () => {
        this.call(op, "MPI_Test", handle, this.#flag, statusIgnore);
        return this.#flag[0] !== 0;
      };
      if (waitUntil(test, timeout * 1000, this.#giveWay)) continue;
      this.#abandoned.push(...requests);
      throw new DistributedError(
        op,
        `the other ranks did not come within ${timeout} s`,
        "look for one that hangs or does something else, or give init a longer timeout",
      );
    }
  }

  /** Initializes MPI, whose errors are returned from then on. */
  init(): void {
    this.call("init", "MPI_Init_thread", 0n, 0n, funneled, this.#flag);
    this.call("init", "MPI_Comm_set_errhandler", this.abi.world, this.abi.errorsReturn);
  }

  /** Another communicator of the same ranks, whose messages are its own. */
  duplicate(): Handle {
    const handle = this.#newHandle();
    this.call("init", "MPI_Comm_dup", this.abi.world, handle);
    return handle[0]!;
  }

  number(name: "MPI_Comm_rank" | "MPI_Comm_size"): number {
    this.call("init", name, this.abi.world, this.#flag);
    return this.#flag[0]!;
  }

  #newHandle(): Int32Array | BigInt64Array {
    return this.abi.handle === "int" ? new Int32Array(1) : new BigInt64Array(1);
  }

  #textOf(code: number): string {
    const text = new Uint8Array(longestText);
    this.#functions.MPI_Error_string(code, text, this.#flag);
    return textIn(text, this.#flag[0]!);
  }
}

const textIn = (bytes: Uint8Array, length: number): string =>
  new TextDecoder().decode(bytes.subarray(0, length)).replace(/\0.*/s, "").trim();

/** The first line of what a library says of itself, in the form "MPICH 4.0.2". */
function versionOf(library: LibraryHandle): string {
  const [text, length] = [new Uint8Array(longestText), new Int32Array(1)];
  functionOf(library, "MPI_Get_library_version")(text, length);
  const [line] = textIn(text, length[0]!).split("\n");
  return line!
    .replace(/,.*/, "")
    .replace(/\s*version:?\s*/i, " ")
    .replace(/^(Open MPI) v/, "$1 ");
}

function functionOf(library: LibraryHandle, name: string): (...args: Argument[]) => number {
  try {
    return library.func(name, "int", ["void *", "void *"]);
  } catch {
    throw new ForeignLibraryError(`it has no ${name}`);
  }
}

function abiOf(koffi: Koffi, library: LibraryHandle, version: string): ABI {
  const addressOf = (symbol: string) => koffi.address(library.symbol(symbol));
  if (hasSymbol(library, "ompi_mpi_comm_world")) return openMPI(addressOf);
  if (hasSymbol(library, "MPI_Abi_get_version")) {
    const [major, minor] = [new Int32Array(1), new Int32Array(1)];
    functionOf(library, "MPI_Abi_get_version")(major, minor);
    if (major[0]! > 0) return standard;
  }
  if (/MPICH|Intel|MVAPICH|CRAY/i.test(version)) return mpich;
  throw new ForeignLibraryError(`${version} has an ABI that is not known`);
}

function hasSymbol(library: LibraryHandle, name: string): boolean {
  try {
    library.symbol(name);
    return true;
  } catch {
    return false;
  }
}
