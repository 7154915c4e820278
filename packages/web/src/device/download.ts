/** Offers a file to be saved. */
export function download(name: string, content: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has taken its own hold of it by the next turn; a minute is for browsers that have not.
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 60_000);
}
