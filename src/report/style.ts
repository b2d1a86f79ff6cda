/** What a screen can show: its width and its emphasis, which is nothing where colour is not wanted. It cleans its text. */
export interface Terminal {
  readonly width: number
  bold(text: string): string
  dim(text: string): string
  red(text: string): string
}
