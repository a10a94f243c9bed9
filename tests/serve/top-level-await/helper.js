export const helper = (text) => `${text}, ${import.meta.url.startsWith("/") ? "absolute" : "relative"}`;
