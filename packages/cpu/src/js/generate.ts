let allowed: boolean | undefined;

/** Whether kernels may be compiled from source, which a Content-Security-Policy can forbid. */
export function canGenerateCode(): boolean {
  if (allowed === undefined) {
    try {
      allowed = new Function("return true")() as boolean;
    } catch {
      allowed = false;
    }
  }
  return allowed;
}

/** Forbids code generation or allows it, so that tests can run both ways. Returns the previous setting. */
export function setCodeGeneration(on: boolean): boolean {
  const before = canGenerateCode();
  allowed = on;
  return before;
}
