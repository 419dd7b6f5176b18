declare module "virtual:declarations" {
  /** The declarations of the library and of the language, by their paths in a folder that has them all. */
  const declarations: Readonly<Record<string, string>>;
  export default declarations;
}

declare module "*.ts?watched";
