let allowed: boolean | undefined;

/** Whether kernels may be compiled from source: a Content-Security-Policy can forbid it. */
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

/** Takes the permission away or gives it back, so that tests can see both ways; returns what held before. */
export function setCodeGeneration(on: boolean): boolean {
  const before = canGenerateCode();
  allowed = on;
  return before;
}
