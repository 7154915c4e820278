/** How many of something each client has at the moment. It holds an entry for those alone who have one. */
export class HeadCount {
  private readonly counts = new Map<string, number>();

  /** One more, unless the client has `most` already. */
  enter(client: string, most: number): boolean {
    const count = this.counts.get(client) ?? 0;
    if (count >= most) return false;
    this.counts.set(client, count + 1);
    return true;
  }

  leave(client: string): void {
    const count = this.counts.get(client) ?? 0;
    if (count > 1) this.counts.set(client, count - 1);
    else this.counts.delete(client);
  }
}
