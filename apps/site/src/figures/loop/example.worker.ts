import "./example.ts?watched";
