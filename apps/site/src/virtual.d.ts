declare module "virtual:declarations" {
  /** The declarations of the library and of the language, by their paths in a folder that has them all. */
  const declarations: Readonly<Record<string, string>>;
  export default declarations;
}

declare module "virtual:digits" {
  /** The address of the packed and compressed handwritten digits. */
  const address: string;
  export default address;
}

declare module "*.ts?watched";
