/** A first-in, first-out queue. Unlike with `Array.shift`, removing an item does not move the others. */
export class Fifo<Item> {
  #items: Item[] = []
  #start = 0

  get first(): Item | undefined {
    return this.#items[this.#start]
  }

  push(item: Item): void {
    this.#items.push(item)
  }

  /** Removes the first item. */
  shift(): void {
    this.#start += 1
    if (this.#start > 4096 && this.#start * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#start)
      this.#start = 0
    }
  }
}
