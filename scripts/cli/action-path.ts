export const ACTIONS = "/v1/operator/actions";

export function actionPath(id: string): string {
  return `${ACTIONS}/${encodeURIComponent(id)}`;
}
